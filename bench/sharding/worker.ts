// One worker process, as the program's claim loop and batchers make it: it claims when it has slots and knows of work, runs,
// and settles in batches; what ends while batches are on their way goes in the next one.
import type { Agenda } from "./agenda.ts";
import { type Calibration, PROGRAM } from "./calibration.ts";
import type { SimulatedDatabase } from "./database.ts";

export interface SimulatedWorker {
  /** There may be work. */
  wake(): void;
  /** It does nothing any more. Answers how many jobs it held. */
  kill(): number;
  readonly isDead: boolean;
}

export interface WorkerOptions {
  readonly agenda: Agenda;
  readonly database: SimulatedDatabase;
  readonly calibration: Calibration;
  readonly slots: number;
  /** How long the next job runs, in ms. */
  readonly nextJobMs: () => number;
  /** Takes up to `limit` waiting jobs, and answers how many there were. */
  readonly take: (limit: number) => number;
  /** Jobs became something else. */
  readonly onChange: () => void;
}

export function createSimulatedWorker(options: WorkerOptions): SimulatedWorker {
  const { agenda, database, calibration, slots, nextJobMs, take, onChange } = options;
  const { claim, settle, emptyClaimMs, processPerJobMs } = calibration;
  let held = 0;
  let ended = 0;
  let lanes = 0;
  let isWanted = false;
  let isClaiming = false;
  let isDead = false;
  let processFreeAt = 0;
  let polls = 0;

  function wake(): void {
    isWanted = true;
    const limit = Math.min(PROGRAM.claimLimit, slots - held);
    if (isDead || isClaiming || limit === 0) return;
    isWanted = false;
    isClaiming = true;
    let taken = 0;
    database.run({
      purpose: "jobs",
      begin() {
        taken = isDead ? 0 : take(limit);
        held += taken;
        return { cpuMs: taken === 0 ? emptyClaimMs : claim.fixed + claim.each * taken, writes: taken > 0 };
      },
      done: () => claimed(taken, limit),
    });
  }

  function claimed(taken: number, limit: number): void {
    isClaiming = false;
    if (isDead) return;
    for (let job = 0; job < taken; job += 1) {
      processFreeAt = Math.max(processFreeAt, agenda.now) + processPerJobMs;
      agenda.after(processFreeAt - agenda.now + nextJobMs(), end);
    }
    if (taken > 0) onChange();
    if (taken === limit || isWanted) wake();
    else pollLater();
  }

  function pollLater(): void {
    polls += 1;
    const poll = polls;
    agenda.after(PROGRAM.pollMs, () => {
      if (poll === polls) wake();
    });
  }

  function end(): void {
    ended += 1;
    settleNext();
  }

  function settleNext(): void {
    if (isDead || ended === 0 || lanes === PROGRAM.settleLanes) return;
    const batch = Math.min(PROGRAM.settleLimit, ended);
    ended -= batch;
    lanes += 1;
    database.run({
      purpose: "jobs",
      begin: () => ({ cpuMs: settle.fixed + settle.each * batch, writes: true }),
      done() {
        lanes -= 1;
        if (isDead) return;
        held -= batch;
        onChange();
        wake();
        settleNext();
      },
    });
  }

  return {
    wake,
    kill() {
      isDead = true;
      return held;
    },
    get isDead() {
      return isDead;
    },
  };
}
