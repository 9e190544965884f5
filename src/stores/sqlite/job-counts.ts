// How many jobs are in each state, type and queue, and what happened in each minute. In the memory of the only writer, and
// in two tables that change in the transaction of the rows they tell of: nobody ever counts rows.
// Invariant: what changed in a transaction that is not committed never happened.
import type { DatabaseSync } from "node:sqlite";
import { FINAL_STATES, isFinal, type State } from "../../domain/lifecycle.ts";
import { integerOf, stateOf, textOf } from "../sql/rows.ts";
import * as sql from "./queries/counts.ts";

/** What jobs are counted by, besides their state. */
export interface Place {
  readonly type: string;
  readonly queue: string;
}

/**
 * Whatever inserts jobs, deletes them, changes their state, or what decides when they are claimed, tells it here, in the
 * same operation. Nothing else has to be done for counts, queue limits, figures and claims to be right.
 */
export interface JobCounts {
  /**
   * `jobs` jobs of a place went from one state to another; `null` is nowhere: they were inserted, or deleted.
   *
   * @example
   * counts.moved({ type, queue }, null, "queued", 3); // three jobs were inserted
   */
  moved(place: Place, from: State | null, to: State | null, jobs: number): void;
  /** A waiting job of the place has another priority, time or concurrency key than before. */
  reordered(place: Place): void;
  /** Waiting jobs of a queue, changes of the present transaction included, as in the next. */
  waiting(queue: string): number;
  inState(state: State): number;
  /** Writes what the present transaction changed: the last thing before its commit. */
  store(now: number): void;
  commit(): void;
  rollback(): void;
}

/** Keeps something of its own beside the counts. */
export interface CountWatcher {
  /** A number has changed, or was changed back with its transaction. */
  changed(place: Place, state: State, by: number): void;
  /** Jobs went from one state to another, or were inserted or deleted. */
  moved(place: Place, from: State | null, to: State | null): void;
  reordered(place: Place): void;
}

interface Count extends Place {
  readonly state: State;
  jobs: number;
  /** As of the last commit. */
  committed: number;
}

const MINUTE_MS = 60_000;

/** In the order of `queries.addToMinute`. */
const FIGURES = ["submitted", "started", ...FINAL_STATES] as const;
type Figure = (typeof FIGURES)[number];

// Leaving a final state, a resume of what is still leased, or a deletion is no figure.
function figureOf(from: State | null, to: State | null): Figure | null {
  if (from === null) return "submitted";
  if (from === "queued" && to === "running") return "started";
  if (to === null || isFinal(from)) return null;
  return FINAL_STATES.find((state) => state === to) ?? null;
}

export function createJobCounts(db: DatabaseSync, watcher: CountWatcher): JobCounts {
  const counts = new Map<string, Count>();
  const changed = new Set<Count>();
  const queues = new Map<string, number>();
  const states = new Map<State, number>();
  const minute = createMinute(db);
  const storeCount = db.prepare(sql.storeCount);
  const dropCount = db.prepare(sql.dropCount);

  function countOf({ type, queue }: Place, state: State): Count {
    const name = `${state}\0${type}\0${queue}`;
    const known = counts.get(name);
    if (known) return known;
    const count: Count = { state, type, queue, jobs: 0, committed: 0 };
    counts.set(name, count);
    return count;
  }

  function change(count: Count, by: number): void {
    count.jobs += by;
    states.set(count.state, (states.get(count.state) ?? 0) + by);
    if (count.state === "queued") {
      const waiting = (queues.get(count.queue) ?? 0) + by;
      if (waiting === 0) queues.delete(count.queue);
      else queues.set(count.queue, waiting);
    }
    watcher.changed(count, count.state, by);
  }

  function add(place: Place, state: State, by: number): void {
    const count = countOf(place, state);
    changed.add(count);
    change(count, by);
  }

  function settled(): void {
    for (const { jobs, state, type, queue } of changed) if (jobs === 0) counts.delete(`${state}\0${type}\0${queue}`);
    changed.clear();
  }

  for (const row of db.prepare(sql.loadCounts).iterate()) {
    const count = countOf({ type: textOf(row, "type"), queue: textOf(row, "queue") }, stateOf(row, "state"));
    count.committed = integerOf(row, "jobs");
    change(count, count.committed);
  }

  return {
    moved(place, from, to, jobs) {
      if (jobs === 0) return;
      // A cancelled job that waited for its time waits for its undo from now on: as many as before, but sooner.
      if (from === to) return watcher.reordered(place);
      if (to !== null) add(place, to, jobs);
      if (from !== null) add(place, from, -jobs);
      minute.add(figureOf(from, to), jobs);
      watcher.moved(place, from, to);
    },
    reordered: watcher.reordered,
    waiting: (queue) => queues.get(queue) ?? 0,
    inState: (state) => states.get(state) ?? 0,
    store(now) {
      for (const { state, type, queue, jobs, committed } of changed) {
        if (jobs === committed) continue;
        if (jobs === 0) dropCount.run(state, type, queue);
        else storeCount.run(state, type, queue, jobs);
      }
      minute.store(now);
    },
    commit() {
      for (const count of changed) count.committed = count.jobs;
      settled();
      minute.clear();
    },
    rollback() {
      for (const count of changed) change(count, count.committed - count.jobs);
      settled();
      minute.clear();
    },
  };
}

function createMinute(db: DatabaseSync) {
  const add = db.prepare(sql.addToMinute);
  const figures = new Map<Figure, number>();
  return {
    add(figure: Figure | null, jobs: number): void {
      if (figure !== null) figures.set(figure, (figures.get(figure) ?? 0) + jobs);
    },
    store(now: number): void {
      if (figures.size === 0) return;
      add.run(Math.floor(now / MINUTE_MS) * MINUTE_MS, ...FIGURES.map((figure) => figures.get(figure) ?? 0));
    },
    clear: () => figures.clear(),
  };
}
