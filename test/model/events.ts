// What can happen to the model's world: requests, orders to handlers, time, crashes. After each, what must follow follows.
import type { Action } from "../../src/domain/lifecycle.ts";
import { GRACE_MS, RETRY_MS } from "./kinds.ts";
import {
  type AskOptions,
  type Ending,
  grant,
  isHeld,
  isUnfinished,
  judge,
  lose,
  type ModelJob,
  note,
  type Verdict,
} from "./model.ts";
import type { Order } from "./puppets.ts";
import { settle } from "./settling.ts";
import {
  addJob,
  CRASH_LIMIT,
  drop,
  endYielding,
  finishAttempt,
  holderOf,
  interrupt,
  isStale,
  keyHolder,
  type ModelAttempt,
  type NewModelJob,
  undoesEntry,
  type World,
} from "./world.ts";

/** Without its own time to react, a terminated attempt is shown as abandoned after this long. */
const FORCE_MS = 250;

/** Answers the new job; `null` when its key is taken. */
export function submit(world: World, given: NewModelJob): ModelJob | null {
  if (keyHolder(world, given.key ?? null)) {
    world.met("a key is taken at a submit");
    return null;
  }
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
  if (earlier) {
    world.met("a request is replayed");
    return earlier;
  }
  const verdict = judge(job, action);
  if (verdict === "requested" && !isUnfinished(job) && keyHolder(world, job.key)) {
    world.met(action === "retry" ? "a key is taken at a retry" : "a key is taken at a rollback");
    return "key_taken";
  }
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

/** A handler carries out an order. */
export function obey(world: World, attempt: ModelAttempt, order: Order, stubborn = false): void {
  if (!isStale(attempt)) obeyHolding(world, attempt, order);
  else if (stubborn) world.met("a handler without a lease goes on");
  else drop(world, attempt);
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
      else step(world, job, order.name);
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

function step(world: World, job: ModelJob, name: string): void {
  const remembered = `step:${name}`;
  if (job.steps.includes(remembered)) world.met("a step is remembered");
  else {
    job.worked.set(name, (job.worked.get(name) ?? 0) + 1);
    remember(job, remembered);
  }
}

function remember(job: ModelJob, step: string): void {
  job.steps.push(step);
  job.crashCount = 0;
}

function sleep(world: World, attempt: ModelAttempt, { name, ms }: Extract<Order, { kind: "sleep" }>): void {
  const { job, asked } = attempt;
  const step = `sleep:${name}`;
  if (job.steps.includes(step)) {
    world.met("a sleep is over");
    attempt.passed.add(name);
    if (asked) finishAttempt(world, attempt, { kind: "halt" });
  } else if (asked === null || asked === "pause" || asked === "drain") {
    remember(job, step);
    finishAttempt(world, attempt, { kind: "halt", waitMs: ms });
  } else finishAttempt(world, attempt, { kind: "halt" });
}

function undone(world: World, attempt: ModelAttempt): void {
  const { job } = attempt;
  job.journal.pop();
  job.crashCount = 0;
  if (job.journal.length === 0) finishAttempt(world, attempt, { kind: "succeed" });
  else if (attempt.asked) finishAttempt(world, attempt, { kind: "halt" });
}

/** Time passes; nobody's lease ends. */
export function pass(world: World, ms: number): void {
  world.now += ms;
  showAbandoned(world);
  settle(world);
}

function showAbandoned(world: World): void {
  for (const { job, overdueAt, ...attempt } of world.attempts) {
    if (attempt.asked !== "lease_lost" && overdueAt.some((at) => at <= world.now)) abandon(world, job);
  }
}

function abandon(world: World, job: ModelJob): void {
  if (job.abandoned) return;
  world.met("an attempt is shown as abandoned");
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
  for (const job of world.jobs.filter(isHeld)) {
    if (job.phase === "rollback") world.met("a worker dies in a rollback");
    lose(job, CRASH_LIMIT, world.now);
  }
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
  world.met("a process waits in vain for a handler");
  for (const attempt of world.attempts) if (!isStale(attempt)) abandon(world, attempt.job);
}
