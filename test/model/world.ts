// What the model knows besides jobs: the time, the attempts of the present process, queues and schedules.
import type { Circumstance } from "./coverage.ts";
import { KINDS, type Kind } from "./kinds.ts";
import { type Ending, end, isUnfinished, type ModelJob, note } from "./model.ts";

export const CONCURRENCY = 3;
export const CRASH_LIMIT = 3;
/** What an attempt can be asked to stop for, the weakest first. */
const CAUSES = ["drain", "pause", "cancel", "terminate", "lease_lost"] as const;
export type Cause = (typeof CAUSES)[number];

export interface ModelAttempt {
  readonly job: ModelJob;
  asked: Cause | null;
  /** It goes on until it is asked to stop. */
  yields: boolean;
  /** When it is shown as abandoned, if it still runs then. */
  overdueAt: number[];
  /** Sleeps that it has passed. */
  readonly passed: Set<string>;
}

export interface ModelQueue {
  paused: boolean;
  concurrency: number | null;
}

export interface ModelSchedule {
  readonly name: string;
  readonly everyMs: number;
  readonly overlap: "skip" | "queue";
  readonly missed: "one" | "all";
  paused: boolean;
  /** `null` while paused. */
  nextAt: number | null;
  last: { readonly at: number; readonly outcome: "fired" | "skipped"; readonly job: ModelJob | null } | null;
  lastJob: ModelJob | null;
}

export interface NewModelJob {
  readonly kind: Kind;
  readonly key?: string;
  readonly queue?: string;
  readonly priority?: number;
  readonly delayMs?: number;
  readonly maxAttempts?: number;
}

export interface World {
  /** Counts what the model met. */
  readonly met: (circumstance: Circumstance) => void;
  now: number;
  /** Submitted so far. */
  submitted: number;
  jobs: ModelJob[];
  /** Of the present process, in the order in which they began; those with a lost lease included. */
  attempts: ModelAttempt[];
  queues: Map<string, ModelQueue>;
  schedules: Map<string, ModelSchedule>;
}

export function createWorld(now: number, met: World["met"]): World {
  return { met, now, submitted: 0, jobs: [], attempts: [], queues: new Map(), schedules: new Map() };
}

export const isStale = (attempt: ModelAttempt): boolean => attempt.asked === "lease_lost";

/** The attempt that holds this job. */
export const holderOf = (world: World, job: ModelJob): ModelAttempt | undefined =>
  world.attempts.find((attempt) => attempt.job === job && !isStale(attempt));

export const keyHolder = (world: World, key: string | null): ModelJob | undefined =>
  key === null ? undefined : world.jobs.find((job) => job.key === key && isUnfinished(job));

export function addJob(world: World, given: NewModelJob, firing: ModelJob["firing"]): ModelJob {
  const { canRollback, undoOnFailure } = KINDS[given.kind];
  const job: ModelJob = {
    order: world.submitted,
    type: given.kind,
    canRollback,
    undoOnFailure,
    maxAttempts: given.maxAttempts ?? 3,
    key: given.key ?? null,
    queue: given.queue ?? "default",
    firing,
    id: null,
    phase: "forward",
    state: "queued",
    priority: given.priority ?? 0,
    availableAt: world.now + (given.delayMs ?? 0),
    started: false,
    run: 1,
    token: 0,
    attempt: 1,
    crashCount: 0,
    seq: 0,
    cursor: null,
    abandoned: false,
    lastAction: null,
    stop: null,
    steps: [],
    worked: new Map(),
    journal: [],
    answers: new Map(),
    history: [],
  };
  world.submitted += 1;
  world.jobs.push(job);
  note(job, "submit");
  return job;
}

export function queueOf(world: World, name: string): ModelQueue {
  const queue = world.queues.get(name) ?? { paused: false, concurrency: null };
  world.queues.set(name, queue);
  return queue;
}

/** Answers whether that was stronger than what it was asked before. */
export function interrupt(attempt: ModelAttempt, cause: Cause): boolean {
  if (attempt.asked !== null && CAUSES.indexOf(attempt.asked) >= CAUSES.indexOf(cause)) return false;
  attempt.asked = cause;
  return true;
}

/** Whether the handler that runs for this job undoes an entry of its journal. */
export function undoesEntry(job: ModelJob): boolean {
  return KINDS[job.type].undoes && job.phase === "rollback";
}

/** Its handler has returned, and nobody hears of it. */
export function drop(world: World, attempt: ModelAttempt): void {
  world.attempts = world.attempts.filter((other) => other !== attempt);
}

/** The attempt that holds a job has ended. */
export function finishAttempt(world: World, attempt: ModelAttempt, ending: Ending): void {
  drop(world, attempt);
  end(attempt.job, ending, world.now);
}

/** Who goes on until asked to stop stops when asked. */
export function endYielding(world: World): void {
  for (const attempt of world.attempts.filter(({ yields, asked }) => yields && asked !== null)) {
    finishAttempt(world, attempt, { kind: "halt" });
  }
}
