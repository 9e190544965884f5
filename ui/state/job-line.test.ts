import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JobSummary } from "../../src/client/index.ts";
import { STATES } from "../../src/domain/lifecycle.ts";
import { atNoon, exampleJob, NOON } from "./example-job.ts";
import { jobLine } from "./job-line.ts";
import { doneText, type Progress, progressText, share } from "./progress-text.ts";

const progress = (given: Partial<Progress> = {}): Progress => ({ ...exampleJob().progress, ...given });

const line = (job: Partial<JobSummary>, { afterMs = 0, isQueuePaused = false } = {}) =>
  jobLine(exampleJob(job), { now: NOON + afterMs, isQueuePaused });

const control = {
  action: "pause",
  actor: "dana",
  reason: "wrong file",
  requestedAt: atNoon(),
  reachedAt: atNoon(),
  rollback: false,
  force: false,
} as const;
const rows = progress({ done: 41_200, total: 100_000, unit: "rows" });

describe("the text of a progress", () => {
  it("says how far, how fast and how long it still takes", () => {
    assert.equal(
      progressText({ ...rows, ratePerSecond: 2_310.4, etaMs: 25_400 }),
      "41,200 / 100,000 · 2,310 rows/s · 25 s left",
    );
  });

  it("names the unit where there is no rate, or no total", () => {
    assert.equal(progressText(rows), "41,200 / 100,000 rows");
    assert.equal(progressText(progress({ done: 7, unit: "ticks", ratePerSecond: 0.98 })), "7 ticks · 0.98 ticks/s");
    assert.equal(progressText(progress({ done: 7, ratePerSecond: 2 })), "7 · 2/s");
    assert.equal(progressText(progress()), "0");
  });

  it("leaves out a rate of zero, and a time that is over", () => {
    assert.equal(progressText({ ...rows, ratePerSecond: 0, etaMs: 0 }), "41,200 / 100,000 rows");
  });

  it("is of the whole between 0 and 1, also where a job did more than it said", () => {
    assert.equal(share(progress()), null);
    assert.equal(share(progress({ done: 5, total: 0 })), 1);
    assert.equal(share(progress({ done: 25, total: 100 })), 0.25);
    assert.equal(share(progress({ done: 101, total: 100 })), 1);
    assert.equal(doneText(progress({ done: 101, total: 100 })), "101 / 100");
  });
});

describe("the line of a job", () => {
  it("has something to say in every state but a failure without words", () => {
    for (const state of STATES.filter((one) => !["failed", "rollback_failed", "rolled_back"].includes(one))) {
      const text = line({ state, progress: rows, control });
      assert.match(text, /41,200|waits|paused|cancelled/, state);
    }
  });

  it("says of a running job how it does, what it says of itself, and which attempt it is", () => {
    assert.equal(line({ progress: rows }), "41,200 / 100,000 rows");
    assert.equal(line({ progress: progress({ message: "warming up" }) }), "warming up");
    assert.equal(
      line({ progress: { ...rows, message: "warming up" }, attempt: 2 }),
      "41,200 / 100,000 rows · warming up · attempt 2 of 3",
    );
  });

  it("says since when a stalled job made no checkpoint", () => {
    const stalled = { stalled: true, progress: rows, checkpoint: { seq: 4, savedAt: atNoon() } };
    assert.equal(line(stalled, { afterMs: 180_000 }), "no checkpoint for 3 m · 41,200 / 100,000 rows");
  });

  it("says of a waiting job since when, until when, or why", () => {
    const fresh = { state: "queued", startedAt: null } as const;
    assert.equal(line(fresh, { afterMs: 26_000 }), "waits for 26 s");
    assert.equal(line(fresh, { isQueuePaused: true }), "the queue is paused");
    assert.equal(line({ ...fresh, availableAt: atNoon(7_200_000) }), "starts in 2 h");
    assert.equal(
      line({
        state: "queued",
        availableAt: atNoon(840_000),
        attempt: 2,
        error: { code: "error", message: "451 greylisted" },
      }),
      "goes on in 14 m · attempt 2 of 3 · 451 greylisted",
    );
  });

  it("says who stopped it, and why", () => {
    assert.equal(
      line({ state: "paused", progress: rows, control }),
      "41,200 / 100,000 rows · paused by dana: wrong file",
    );
    assert.equal(line({ state: "cancelled", control: { ...control, reason: null } }), "cancelled by dana");
    assert.equal(line({ state: "rolled_back", progress: rows, control }), "undone by dana: wrong file");
    const error = { code: "missing_column", message: 'There is no column "email".' };
    assert.equal(line({ state: "rolled_back", progress: rows, error }), 'failed: There is no column "email".');
  });

  it("says what is awaited of a job that was asked to stop, and how long already", () => {
    const pausing = { state: "pausing", control: { ...control, reachedAt: null } } as const;
    assert.equal(line(pausing, { afterMs: 400 }), "waiting for the next checkpoint · 0.4 s");
  });

  it("says why it failed, and how long it took when it succeeded", () => {
    assert.equal(line({ state: "failed", error: { code: "error", message: "row 7 is bad" } }), "row 7 is bad");
    assert.equal(line({ state: "failed" }), "");
    assert.equal(line({ state: "succeeded", runningMs: 84_000 }), "took 1 m 24 s");
    assert.equal(line({ state: "succeeded", runningMs: 20 }), "took under 0.1 s");
  });
});
