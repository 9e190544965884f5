// The simulated fleet keeps to the laws that any real one has to keep to, and to what was measured.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CALIBRATION, PROGRAM } from "../../bench/sharding/calibration.ts";
import { type FleetOptions, runFleet, SETTLE_DOWN_MS } from "../../bench/sharding/fleet.ts";

const SOME: FleetOptions = {
  seed: 7,
  workers: 20,
  slots: 10,
  jobMs: 1_000,
  submits: "backlog",
  cores: 2,
  forMs: 10_000,
};
/** Jobs a second that one process with 500 slots drained of a database on the same two cores (W2). */
const MEASURED_DRAIN = 14_000;

const within = (share: number, actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= share * expected, `${actual} is not within ${share} of ${expected}`);

test("the same seed gives the same run, and another one another", () => {
  assert.deepEqual(runFleet(SOME), runFleet(SOME));
  assert.notDeepEqual(runFleet(SOME), runFleet({ ...SOME, seed: 8 }));
});

test("statements in the database are those that arrive times the time that they are in it, as Little's law has it", () => {
  for (const workers of [20, 200]) {
    const { arrived, timeInMs, inTimeMs } = runFleet({ ...SOME, workers }).database;
    const lasted = SETTLE_DOWN_MS + SOME.forMs;
    within(0.02, inTimeMs / lasted, (arrived / lasted) * (timeInMs / arrived));
  }
});

test("one worker with one slot claims as often as a claim, a job and a settlement take", () => {
  const jobMs = 20;
  const { claimRate } = runFleet({ ...SOME, workers: 1, slots: 1, jobMs, isConstant: true });
  const { claim, settle, commitMs, processPerJobMs } = CALIBRATION;
  const cycleMs = claim.fixed + claim.each + commitMs + processPerJobMs + jobMs + settle.fixed + settle.each + commitMs;
  within(0.02, claimRate, 1_000 / cycleMs);
});

test("one worker that drains jobs which do nothing is about as fast as the one that was measured", () => {
  // The process that was measured had one of the two cores for itself.
  const { claimRate } = runFleet({ ...SOME, workers: 1, slots: 500, jobMs: 0, cores: 1 });
  within(0.35, claimRate, MEASURED_DRAIN);
});

test("with cores to spare every slot is in use", () => {
  const { claimRate } = runFleet({ ...SOME, workers: 20, cores: 16, forMs: 30_000 });
  within(0.05, claimRate, 20 * SOME.slots);
});

test("a database is never busier than its cores", () => {
  const { busyMs } = runFleet({ ...SOME, workers: 2_000 }).database;
  const used = Object.values(busyMs).reduce((sum, ms) => sum + ms, 0);
  assert.ok(used <= SOME.cores * (SETTLE_DOWN_MS + SOME.forMs) * 1.01, `${used} ms`);
});

test("what a killed worker held runs again after the patience with a missing session, and one sweep", () => {
  const recovery = runFleet({ ...SOME, submits: 100, forMs: 30_000, loss: "killed" }).recoveryMs ?? Number.NaN;
  assert.ok(recovery >= PROGRAM.missingMs, `${recovery} ms`);
  assert.ok(recovery <= PROGRAM.missingMs + 2 * PROGRAM.sweepEveryMs, `${recovery} ms`);
});

test("what a worker held that is cut off runs again within a lease and a sweep", () => {
  const recovery = runFleet({ ...SOME, submits: 100, forMs: 30_000, loss: "cut off" }).recoveryMs ?? Number.NaN;
  assert.ok(recovery >= PROGRAM.leaseMs - PROGRAM.renewEveryMs, `${recovery} ms`);
  assert.ok(recovery <= PROGRAM.leaseMs + PROGRAM.sweepEveryMs, `${recovery} ms`);
});
