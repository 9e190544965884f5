// One database: a few cores that take statements in the order in which they come, and commits that are waited for without a
// core. It counts what is in it, so that Little's law can be held against it.
import type { Agenda } from "./agenda.ts";

/** What the time of the cores goes to. */
export type Purpose = "jobs" | "notices" | "sweeps" | "renewals";

export interface Statement {
  readonly purpose: Purpose;
  /** Called when a core takes it: answers the CPU time, in ms, and whether there is something to commit. */
  readonly begin: () => { readonly cpuMs: number; readonly writes: boolean };
  readonly done: () => void;
}

export interface DatabaseFigures {
  /** CPU time used, in ms. */
  readonly busyMs: Readonly<Record<Purpose, number>>;
  readonly arrived: number;
  /** Of all statements together, from arrival to answer. */
  readonly timeInMs: number;
  /** Statements that were in it, times how long. */
  readonly inTimeMs: number;
}

export interface SimulatedDatabase {
  run(statement: Statement): void;
  figures(): DatabaseFigures;
}

export interface DatabaseOptions {
  readonly agenda: Agenda;
  readonly cores: number;
  readonly commitMs: number;
}

interface Entry {
  readonly statement: Statement;
  readonly since: number;
}

/** Entries that were taken are dropped when there are so many. */
const DROPPED_AT_ONCE = 10_000;

export function createSimulatedDatabase({ agenda, cores, commitMs }: DatabaseOptions): SimulatedDatabase {
  const busyMs = { jobs: 0, notices: 0, sweeps: 0, renewals: 0 };
  let waiting: Entry[] = [];
  let next = 0;
  let free = cores;
  let arrived = 0;
  let timeInMs = 0;
  let inTimeMs = 0;
  let inside = 0;
  let countedAt = 0;

  function count(change: number): void {
    inTimeMs += inside * (agenda.now - countedAt);
    countedAt = agenda.now;
    inside += change;
  }

  function take(): Entry | undefined {
    const entry = waiting[next];
    if (entry === undefined) return undefined;
    next += 1;
    if (next === DROPPED_AT_ONCE) {
      waiting = waiting.slice(next);
      next = 0;
    }
    return entry;
  }

  function start(): void {
    while (free > 0) {
      const entry = take();
      if (entry === undefined) return;
      free -= 1;
      execute(entry);
    }
  }

  function execute({ statement, since }: Entry): void {
    const { cpuMs, writes } = statement.begin();
    busyMs[statement.purpose] += cpuMs;
    const answer = () => {
      count(-1);
      timeInMs += agenda.now - since;
      statement.done();
    };
    agenda.after(cpuMs, () => {
      free += 1;
      if (writes) agenda.after(commitMs, answer);
      else answer();
      start();
    });
  }

  return {
    run(statement) {
      count(1);
      arrived += 1;
      waiting.push({ statement, since: agenda.now });
      start();
    },
    figures() {
      count(0);
      return { busyMs: { ...busyMs }, arrived, timeInMs, inTimeMs };
    },
  };
}
