// A fleet of worker processes over one database: it claims, settles, renews its leases, tells its changes and watches over
// its dead, as often as the program does. One run answers how many jobs were claimed, and how long the jobs of a worker that
// is lost waited for another one.
import { createRandom } from "../../test/support/random.ts";
import { createAgenda } from "./agenda.ts";
import { CALIBRATION, type Calibration, PROGRAM } from "./calibration.ts";
import { createSimulatedDatabase, type DatabaseFigures } from "./database.ts";
import { createNotices, createPacer } from "./notices.ts";
import { createSimulatedWorker, type SimulatedWorker } from "./worker.ts";

/** What becomes of the first worker: its process is killed, or nothing of its machine reaches the database any more. */
export type Loss = "killed" | "cut off";

export interface FleetOptions {
  readonly seed: number;
  readonly workers: number;
  /** Jobs that one worker runs at once. */
  readonly slots: number;
  /** Mean time that a job runs, in ms; exponentially distributed unless `isConstant`. */
  readonly jobMs: number;
  readonly isConstant?: boolean;
  /** Jobs submitted a second, or as many as are claimed: there is always one that waits. */
  readonly submits: number | "backlog";
  readonly cores: number;
  /** How long it is looked at, in ms, after it has settled down. */
  readonly forMs: number;
  readonly loss?: Loss;
  readonly calibration?: Calibration;
}

export interface FleetRun {
  /** Jobs claimed a second. */
  readonly claimRate: number;
  readonly database: DatabaseFigures;
  /** The longest that a renewal took, in ms. Longer than the rest of a lease, and leases are lost. */
  readonly slowestRenewalMs: number;
  /** From the loss until all jobs of the lost worker were claimed again, in ms; `null` when they were not. */
  readonly recoveryMs: number | null;
}

/** What is not counted, at the beginning. */
export const SETTLE_DOWN_MS = 3_000;

interface Waiting {
  readonly isLost: boolean;
}

export function runFleet(options: FleetOptions): FleetRun {
  const { seed, workers: count, slots, jobMs, submits, cores, forMs, loss, calibration = CALIBRATION } = options;
  const random = createRandom(seed);
  const agenda = createAgenda();
  const database = createSimulatedDatabase({ agenda, cores, commitMs: calibration.commitMs });
  const exponential = (mean: number) => -mean * Math.log(1 - random.next());
  let waiting: Waiting[] = [];
  let claimed = 0;
  let lostAt: number | null = null;
  let lostJobs = 0;
  let recoveredAt: number | null = null;
  let slowestRenewalMs = 0;

  function take(limit: number): number {
    const taken = submits === "backlog" && waiting.length === 0 ? limit : Math.min(limit, waiting.length);
    const jobs = waiting.slice(0, taken);
    waiting = waiting.slice(taken);
    claimed += taken;
    lostJobs -= jobs.filter(({ isLost }) => isLost).length;
    if (jobs.some(({ isLost }) => isLost) && lostJobs === 0) recoveredAt = agenda.now;
    return taken;
  }

  const workers: SimulatedWorker[] = Array.from({ length: count }, (_, index) =>
    createSimulatedWorker({
      agenda,
      database,
      calibration,
      slots,
      nextJobMs: () => (options.isConstant ? jobMs : exponential(jobMs)),
      take,
      onChange: () => notices.announce(index, false),
    }),
  );
  const heeds = workers.map(({ wake }) => createPacer(agenda, PROGRAM.heedEveryMs, wake));
  const notices = createNotices({
    agenda,
    database,
    listeners: count,
    perListenerMs: calibration.noticePerListenerMs,
    sendEveryMs: PROGRAM.sendEveryMs,
    onWork: (listener) => heeds[listener]?.(),
  });

  /** Does something again and again, each time so long after the last one is done, or after another time that `done` is told. */
  function repeat(index: number, everyMs: number, act: (done: (nextMs?: number) => void) => void): void {
    const again = () => {
      if (!workers[index]?.isDead) act((nextMs = everyMs) => agenda.after(nextMs, again));
    };
    agenda.after(random.next() * everyMs, again);
  }

  let expiresAt = Number.POSITIVE_INFINITY;
  function renew(index: number, done: () => void): void {
    const sentAt = agenda.now;
    database.run({
      purpose: "renewals",
      begin: () => ({ cpuMs: calibration.renewMs, writes: true }),
      done() {
        slowestRenewalMs = Math.max(slowestRenewalMs, agenda.now - sentAt);
        if (index === 0) expiresAt = sentAt + PROGRAM.leaseMs;
        done();
      },
    });
  }

  const missingSince = new Map<number, number>();
  let isFound = false;
  function isFoundBy(index: number): boolean {
    if (lostAt === null || isFound) return false;
    if (loss === "cut off") return agenda.now >= expiresAt;
    const since = missingSince.get(index) ?? agenda.now;
    missingSince.set(index, since);
    return agenda.now - since >= PROGRAM.missingMs;
  }

  /** Whoever misses somebody looks again soon. */
  function look(index: number, done: (nextMs?: number) => void): void {
    database.run({
      purpose: "sweeps",
      begin: () => ({ cpuMs: calibration.look.fixed + calibration.look.each * count, writes: false }),
      done() {
        if (isFoundBy(index)) reap(index);
        done(missingSince.has(index) && !isFound ? PROGRAM.sweepEveryMs : undefined);
      },
    });
  }

  function reap(index: number): void {
    isFound = true;
    database.run({
      purpose: "sweeps",
      begin: () => ({ cpuMs: calibration.reapMs + calibration.settle.each * lostJobs, writes: true }),
      done() {
        // What is lost was submitted long ago, but is available from now on: it waits behind what waits already.
        waiting.push(...Array.from({ length: lostJobs }, () => ({ isLost: true })));
        notices.announce(index, true);
      },
    });
  }

  const sweepReap = (done: () => void) =>
    database.run({ purpose: "sweeps", begin: () => ({ cpuMs: calibration.reapMs, writes: false }), done });

  const lookEveryMs = Math.max(PROGRAM.sweepEveryMs, PROGRAM.fleetLooksEveryMs * count);
  for (const [index, worker] of workers.entries()) {
    repeat(index, PROGRAM.renewEveryMs, (done) => renew(index, done));
    repeat(index, lookEveryMs, (done) => look(index, done));
    repeat(index, Math.max(lookEveryMs, PROGRAM.reapEveryMs), sweepReap);
    repeat(index, PROGRAM.greetEveryMs, (done) => {
      notices.announce(index, false);
      done();
    });
    agenda.after(random.next() * 100, worker.wake);
  }
  if (submits !== "backlog") submitAt(submits);

  function submitAt(perSecond: number): void {
    const batch = Math.max(1, Math.round(perSecond / 1_000));
    const next = () => {
      agenda.after(exponential((1_000 * batch) / perSecond), next);
      database.run({
        purpose: "jobs",
        begin: () => ({ cpuMs: calibration.insert.fixed + calibration.insert.each * batch, writes: true }),
        done() {
          waiting.push(...Array.from({ length: batch }, () => ({ isLost: false })));
          notices.announce(-1, true);
        },
      });
    };
    next();
  }

  agenda.run(SETTLE_DOWN_MS);
  const before = claimed;
  if (loss !== undefined) {
    lostAt = agenda.now;
    lostJobs = workers[0]?.kill() ?? 0;
    if (expiresAt === Number.POSITIVE_INFINITY) expiresAt = lostAt + PROGRAM.leaseMs;
  }
  agenda.run(SETTLE_DOWN_MS + forMs);
  return {
    claimRate: ((claimed - before) * 1_000) / forMs,
    database: database.figures(),
    slowestRenewalMs,
    recoveryMs: lostAt === null || recoveredAt === null ? null : recoveredAt - lostAt,
  };
}
