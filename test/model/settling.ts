// What follows by itself, at once: schedules that are due fire, and free slots are filled in the order of claims.
import type { Circumstance } from "./coverage.ts";
import { KINDS } from "./kinds.ts";
import { claim, isHeld, isUnfinished, type ModelJob } from "./model.ts";
import {
  addJob,
  CONCURRENCY,
  endYielding,
  finishAttempt,
  type ModelAttempt,
  type ModelSchedule,
  undoesEntry,
  type World,
} from "./world.ts";

export const SCHEDULE_QUEUE = "scheduled";
export const SCHEDULE_PRIORITY = -10;

/** Lets follow what must: who was asked to stop stops, schedules fire, free slots are filled. */
export function settle(world: World): void {
  do {
    endYielding(world);
    fireSchedules(world);
  } while (claimBatch(world));
}

/** One claim: fills the free slots. Answers whether it took anything. */
function claimBatch(world: World): boolean {
  const free = CONCURRENCY - world.attempts.length;
  const taken: ModelJob[] = [];
  for (const job of waiting(world)) {
    if (taken.length >= free) break;
    const obstacle = obstacleTo(world, job, taken);
    if (obstacle) world.met(obstacle);
    else taken.push(job);
  }
  const claimed = taken.map((job) => startAttempt(world, job));
  // With nothing to undo, its handler is not called.
  for (const attempt of claimed) {
    if (undoesEntry(attempt.job) && attempt.job.journal.length === 0)
      finishAttempt(world, attempt, { kind: "succeed" });
  }
  return taken.length > 0;
}

/** Those that can be claimed, in the order in which they are. */
function waiting(world: World): readonly ModelJob[] {
  return world.jobs
    .filter((job) => job.state === "queued" && job.availableAt <= world.now)
    .sort((a, b) => b.priority - a.priority || a.availableAt - b.availableAt || a.order - b.order);
}

/** What keeps a job from being claimed besides `taken`, if anything does. */
function obstacleTo(world: World, job: ModelJob, taken: readonly ModelJob[]): Circumstance | null {
  const holding = [...world.jobs.filter(isHeld), ...taken];
  const queue = world.queues.get(job.queue);
  const inQueue = holding.filter((other) => other.queue === job.queue).length;
  const ofType = holding.filter((other) => other.type === job.type).length;
  if (queue?.paused) return "a paused queue holds a job back";
  if (inQueue >= (queue?.concurrency ?? Infinity)) return "a queue's limit holds a job back";
  return ofType >= (KINDS[job.type].limit ?? Infinity) ? "a type's limit holds a job back" : null;
}

function startAttempt(world: World, job: ModelJob): ModelAttempt {
  claim(job);
  const attempt: ModelAttempt = { job, asked: null, yields: false, overdueAt: [], passed: new Set() };
  world.attempts.push(attempt);
  return attempt;
}

/** The first firing after `at`. */
const firingAfter = (everyMs: number, at: number): number => (Math.floor(at / everyMs) + 1) * everyMs;

export type NewModelSchedule = Pick<ModelSchedule, "name" | "everyMs" | "overlap" | "missed">;

export function addSchedule(world: World, given: NewModelSchedule): void {
  const nextAt = firingAfter(given.everyMs, world.now);
  world.schedules.set(given.name, {
    ...given,
    paused: false,
    nextAt,
    last: null,
    lastJob: null,
  });
}

export function pauseSchedule(schedule: ModelSchedule, paused: boolean, now: number): void {
  if (paused === schedule.paused) return;
  schedule.paused = paused;
  schedule.nextAt = paused ? null : firingAfter(schedule.everyMs, Math.max(now, schedule.last?.at ?? now));
}

function fireSchedules(world: World): void {
  const due = [...world.schedules.values()]
    .filter(({ nextAt }) => nextAt !== null && nextAt <= world.now)
    .sort((a, b) => (a.nextAt ?? 0) - (b.nextAt ?? 0) || (a.name < b.name ? -1 : 1));
  for (const schedule of due) while (fireOnce(world, schedule));
}

/** Answers whether there may be more to fire. */
function fireOnce(world: World, schedule: ModelSchedule): boolean {
  const { nextAt, everyMs, lastJob } = schedule;
  if (nextAt === null || nextAt > world.now) return false;
  const overlaps = lastJob !== null && isUnfinished(lastJob);
  if (overlaps && schedule.overlap === "queue") {
    world.met("a firing waits for the last job");
    return false;
  }
  const at = schedule.missed === "all" ? nextAt : Math.floor(world.now / everyMs) * everyMs;
  if (at > nextAt) world.met("missed firings become one");
  if (at + everyMs <= world.now) world.met("missed firings are all made up for");
  if (overlaps) world.met("a firing is skipped");
  schedule.nextAt = at + everyMs;
  const job = overlaps ? null : fire(world, schedule.name, at);
  schedule.lastJob = job ?? lastJob;
  schedule.last = { at, outcome: overlaps ? "skipped" : "fired", job };
  return true;
}

function fire(world: World, schedule: string, at: number): ModelJob {
  const given = { kind: "tick", queue: SCHEDULE_QUEUE, priority: SCHEDULE_PRIORITY } as const;
  return addJob(world, given, { schedule, at });
}
