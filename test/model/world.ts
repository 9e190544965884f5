// What the model knows besides jobs: the time, the attempts of the present process, queues and schedules. It says who is
// claimed, in which order, and what every attempt's doing leads to.
import type { Action } from "../../src/domain/lifecycle.ts";
import {
  type AskOptions,
  claim,
  type Ending,
  end,
  grant,
  isHeld,
  isUnfinished,
  judge,
  lose,
  type ModelJob,
  note,
  type Verdict,
} from "./model.ts";
import { GRACE_MS, KINDS, type Kind, type Order, RETRY_MS } from "./puppets.ts";

export const CONCURRENCY = 3;
export const CRASH_LIMIT = 3;
/** Without its own time to react, a terminated attempt is shown as abandoned after this long. */
const FORCE_MS = 250;

/** What an attempt can be asked to stop for, the weakest first. */
const CAUSES = ["drain", "pause", "cancel", "terminate", "lease_lost"] as const;
type Cause = (typeof CAUSES)[number];

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
  /** When its firings were due, in order. */
  readonly fired: number[];
  readonly skipped: number[];
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
  now: number;
  /** Submitted so far. */
  submitted: number;
  jobs: ModelJob[];
  /** Of the present process, in the order in which they began; those with a lost lease included. */
  attempts: ModelAttempt[];
  queues: Map<string, ModelQueue>;
  schedules: Map<string, ModelSchedule>;
}

export const SCHEDULE_QUEUE = "scheduled";
export const SCHEDULE_PRIORITY = -10;

export function createWorld(now: number): World {
  return { now, submitted: 0, jobs: [], attempts: [], queues: new Map(), schedules: new Map() };
}

export const isStale = (attempt: ModelAttempt): boolean => attempt.asked === "lease_lost";

/** The attempt that holds this job. */
export const holderOf = (world: World, job: ModelJob): ModelAttempt | undefined =>
  world.attempts.find((attempt) => attempt.job === job && !isStale(attempt));

export const keyHolder = (world: World, key: string | null): ModelJob | undefined =>
  key === null ? undefined : world.jobs.find((job) => job.key === key && isUnfinished(job));

function addJob(world: World, given: NewModelJob, firing: ModelJob["firing"]): ModelJob {
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

/** Answers the new job; `null` when its key is taken. */
export function submit(world: World, given: NewModelJob): ModelJob | null {
  if (keyHolder(world, given.key ?? null)) return null;
  const job = addJob(world, given, null);
  settle(world);
  return job;
}

export interface Answer {
  readonly verdict: Verdict | "key_taken";
  /** Where the job stood when it was answered. */
  readonly state: ModelJob["state"];
}

export function ask(world: World, job: ModelJob, action: Action, options: AskOptions & { requestId?: string }): Answer {
  const answer = answerOf(world, job, action, options);
  const { state } = job;
  settle(world);
  return { verdict: answer, state };
}

function answerOf(
  world: World,
  job: ModelJob,
  action: Action,
  { requestId, ...options }: AskOptions & { requestId?: string },
): Answer["verdict"] {
  const earlier = requestId === undefined ? undefined : job.answers.get(requestId);
  if (earlier) return earlier;
  const verdict = judge(job, action);
  if (verdict === "requested" && !isUnfinished(job) && keyHolder(world, job.key)) return "key_taken";
  if (verdict === "requested") grant(job, action, options, world.now);
  if (requestId !== undefined) {
    job.answers.set(requestId, verdict);
    if (verdict !== "requested") note(job, verdict === "already" ? "repeated" : "refused");
  }
  if (verdict === "requested" && isHeld(job)) tellHolder(world, job, action);
  return verdict;
}

function tellHolder(world: World, job: ModelJob, action: Action): void {
  const attempt = holderOf(world, job);
  if (!attempt || (action !== "pause" && action !== "cancel" && action !== "terminate")) return;
  if (!interrupt(attempt, action) || action === "pause") return;
  attempt.overdueAt.push(world.now + (action === "terminate" ? FORCE_MS : GRACE_MS));
}

/** Answers whether that was stronger than what it was asked before. */
function interrupt(attempt: ModelAttempt, cause: Cause): boolean {
  if (attempt.asked !== null && CAUSES.indexOf(attempt.asked) >= CAUSES.indexOf(cause)) return false;
  attempt.asked = cause;
  return true;
}

/** A handler carries out an order. */
export function obey(world: World, attempt: ModelAttempt, order: Order, stubborn = false): void {
  if (!isStale(attempt)) obeyHolding(world, attempt, order);
  else if (!stubborn) drop(world, attempt);
  settle(world);
}

function obeyHolding(world: World, attempt: ModelAttempt, order: Order): void {
  const { job, asked } = attempt;
  const finish = (ending: Ending) => finishAttempt(world, attempt, ending);
  const waits = asked === null || asked === "pause" || asked === "drain";
  switch (order.kind) {
    case "succeed":
      if (undoesEntry(job)) undone(world, attempt);
      else finish({ kind: "succeed" });
      break;
    case "fail":
      finish({ kind: "fail", retryInMs: RETRY_MS });
      break;
    case "give_up":
      finish({ kind: "fail", retryInMs: null });
      break;
    case "checkpoint":
      job.cursor = order.cursor;
      job.seq += 1;
      job.crashCount = 0;
      if (asked) finish({ kind: "halt" });
      break;
    case "step":
      if (asked) finish({ kind: "halt" });
      else step(job, order.name);
      break;
    case "journal":
      job.journal.push(order.entry);
      job.crashCount = 0;
      break;
    case "sleep":
      sleep(world, attempt, order);
      break;
    case "later":
      finish(waits ? { kind: "halt", waitMs: order.ms } : { kind: "halt" });
      break;
    case "yield":
      attempt.yields = true;
  }
}

function step(job: ModelJob, name: string): void {
  const remembered = `step:${name}`;
  if (job.steps.includes(remembered)) return;
  job.worked.set(name, (job.worked.get(name) ?? 0) + 1);
  remember(job, remembered);
}

function remember(job: ModelJob, step: string): void {
  job.steps.push(step);
  job.crashCount = 0;
}

function sleep(world: World, attempt: ModelAttempt, { name, ms }: Extract<Order, { kind: "sleep" }>): void {
  const { job, asked } = attempt;
  const step = `sleep:${name}`;
  if (job.steps.includes(step)) {
    attempt.passed.add(name);
    if (asked) finishAttempt(world, attempt, { kind: "halt" });
  } else if (asked === null || asked === "pause" || asked === "drain") {
    remember(job, step);
    finishAttempt(world, attempt, { kind: "halt", waitMs: ms });
  } else finishAttempt(world, attempt, { kind: "halt" });
}

/** Whether the handler that runs for this job undoes an entry of its journal. */
export function undoesEntry(job: ModelJob): boolean {
  return job.type === "journalled" && job.phase === "rollback";
}

function undone(world: World, attempt: ModelAttempt): void {
  const { job } = attempt;
  job.journal.pop();
  job.crashCount = 0;
  if (job.journal.length === 0) finishAttempt(world, attempt, { kind: "succeed" });
  else if (attempt.asked) finishAttempt(world, attempt, { kind: "halt" });
}

function drop(world: World, attempt: ModelAttempt): void {
  world.attempts = world.attempts.filter((other) => other !== attempt);
}

function finishAttempt(world: World, attempt: ModelAttempt, ending: Ending): void {
  drop(world, attempt);
  end(attempt.job, ending, world.now);
}

/** Time passes; nobody's lease ends. */
export function pass(world: World, ms: number): void {
  world.now += ms;
  showAbandoned(world);
  settle(world);
}

function showAbandoned(world: World): void {
  for (const { job, overdueAt, ...attempt } of world.attempts) {
    if (attempt.asked !== "lease_lost" && overdueAt.some((at) => at <= world.now)) abandon(job);
  }
}

function abandon(job: ModelJob): void {
  if (job.abandoned) return;
  job.abandoned = true;
  note(job, "abandon");
}

/** So much time passes at once that the lease ends; the handlers live on, and hold nothing. */
export function loseLease(world: World, ms: number): void {
  world.now += ms;
  const held = world.attempts.filter((attempt) => !isStale(attempt));
  for (const attempt of held) interrupt(attempt, "lease_lost");
  world.attempts = world.attempts.filter((attempt) => !attempt.yields);
  loseJobs(world);
  settle(world);
}

/** The process ends; another one starts after `downMs`, and finds what it held. */
export function crash(world: World, downMs: number): void {
  world.attempts = [];
  world.now += downMs;
  loseJobs(world);
  settle(world);
}

function loseJobs(world: World): void {
  for (const job of world.jobs.filter(isHeld)) lose(job, CRASH_LIMIT, world.now);
}

/** The process is asked to stop. Nothing is claimed any more, and no schedule fires. */
export function drain(world: World): void {
  for (const attempt of world.attempts) interrupt(attempt, "drain");
  endYielding(world);
}

/** An order while the process stops. */
export function obeyDraining(world: World, attempt: ModelAttempt, order: Order): void {
  if (isStale(attempt)) drop(world, attempt);
  else obeyHolding(world, attempt, order);
  endYielding(world);
}

/** The process waited in vain for what still runs. */
export function endDrain(world: World, waitedMs: number): void {
  world.now += waitedMs;
  showAbandoned(world);
  for (const attempt of world.attempts) if (!isStale(attempt)) abandon(attempt.job);
}

function endYielding(world: World): void {
  for (const attempt of world.attempts.filter(({ yields, asked }) => yields && asked !== null)) {
    finishAttempt(world, attempt, { kind: "halt" });
  }
}

export function queueOf(world: World, name: string): ModelQueue {
  const queue = world.queues.get(name) ?? { paused: false, concurrency: null };
  world.queues.set(name, queue);
  return queue;
}

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
    if (taken.length < free && hasRoom(world, job, taken)) taken.push(job);
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

function hasRoom(world: World, job: ModelJob, taken: readonly ModelJob[]): boolean {
  const holding = [...world.jobs.filter(isHeld), ...taken];
  const queue = world.queues.get(job.queue);
  const inQueue = holding.filter((other) => other.queue === job.queue).length;
  const ofType = holding.filter((other) => other.type === job.type).length;
  if (queue?.paused) return false;
  return inQueue < (queue?.concurrency ?? Infinity) && ofType < (KINDS[job.type as Kind].limit ?? Infinity);
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
    fired: [],
    skipped: [],
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
  if (overlaps && schedule.overlap === "queue") return false;
  const at = schedule.missed === "all" ? nextAt : Math.floor(world.now / everyMs) * everyMs;
  schedule.nextAt = at + everyMs;
  (overlaps ? schedule.skipped : schedule.fired).push(at);
  const job = overlaps ? null : fire(world, schedule.name, at);
  schedule.lastJob = job ?? lastJob;
  schedule.last = { at, outcome: overlaps ? "skipped" : "fired", job };
  return true;
}

function fire(world: World, schedule: string, at: number): ModelJob {
  const given = { kind: "tick", queue: SCHEDULE_QUEUE, priority: SCHEDULE_PRIORITY } as const;
  return addJob(world, given, { schedule, at });
}
