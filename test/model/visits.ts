// Directed walks: each takes a job of its own to one place of the lifecycle, by the way that jobs go, and then asks or does
// there what random runs meet too rarely. Together they cover every place with every request and every ending.
import type { Action, Phase, State } from "../../src/domain/lifecycle.ts";
import type { Kind } from "./kinds.ts";
import type { ModelJob } from "./model.ts";
import type { Order } from "./puppets.ts";
import type { Trial } from "./trial.ts";
import { holderOf, isStale, type NewModelJob } from "./world.ts";

const ACTIONS: readonly Action[] = ["pause", "resume", "cancel", "terminate", "retry", "rollback"];
const IDLE = ["claim", ...ACTIONS] as const;
const HELD = ["succeed", "fail", "halt", "lost", ...ACTIONS] as const;
/** What takes more than one thing to happen. */
const EXCURSIONS = ["remember", "share a key"] as const;
type Event = (typeof IDLE)[number] | (typeof HELD)[number] | (typeof EXCURSIONS)[number];

interface Destination {
  readonly phase: Phase;
  readonly state: State;
  readonly event: Event;
}

const at = (phase: Phase, state: State, events: readonly Event[]): readonly Destination[] =>
  events.map((event) => ({ phase, state, event }));

const DESTINATIONS: readonly Destination[] = [
  ...at("forward", "queued", IDLE),
  ...at("forward", "running", HELD),
  ...at("forward", "pausing", HELD),
  ...at("forward", "paused", ACTIONS),
  ...at("forward", "cancelling", HELD),
  ...at("forward", "succeeded", ACTIONS),
  ...at("forward", "failed", ACTIONS),
  ...at("forward", "cancelled", ACTIONS),
  ...at("rollback", "queued", IDLE),
  ...at("rollback", "running", HELD),
  ...at("rollback", "pausing", HELD),
  ...at("rollback", "paused", ACTIONS),
  ...at("rollback", "cancelling", HELD),
  ...at("rollback", "rolled_back", ACTIONS),
  ...at("rollback", "rollback_failed", ACTIONS),
  ...at("forward", "running", ["remember"]),
  ...at("forward", "failed", ["share a key"]),
];

/** In which way a place is visited: with which kind of job, and what the event is like there. */
interface Manner {
  readonly forward: Kind;
  readonly backward: Kind;
  /** What a cancel says. */
  readonly rollback: boolean | undefined;
  /** Whether it waits there without ever having run, where that is possible. */
  readonly isNew: boolean;
  /** Whether a failure is the last one, and a crash one too many. */
  readonly isLast: boolean;
  /** Whether a stop that is under way is a terminate. */
  readonly isForced: boolean;
}

const MANNERS: readonly Manner[] = [
  { forward: "plain", backward: "plain", rollback: undefined, isNew: false, isLast: false, isForced: false },
  { forward: "keeps", backward: "plain", rollback: undefined, isNew: true, isLast: true, isForced: false },
  { forward: "careful", backward: "careful", rollback: true, isNew: false, isLast: true, isForced: true },
  { forward: "journalled", backward: "journalled", rollback: false, isNew: true, isLast: true, isForced: false },
];

/** How many different visits there are. */
export const VISITS = DESTINATIONS.length * MANNERS.length;

const PRIORITY = 100;
const FAR_MS = 3_600_000;

/** The visits of one number after the other go to all places before the manner changes. */
export async function makeVisit(trial: Trial, number: number): Promise<void> {
  const destination = DESTINATIONS[number % DESTINATIONS.length];
  const manner = MANNERS[Math.floor(number / DESTINATIONS.length) % MANNERS.length];
  if (!destination || !manner) throw new Error(`There is no visit ${number}.`);
  const visit = { trial, manner, ...destination };
  const job = destination.phase === "forward" ? await goForward(visit) : await goBackward(visit);
  await bringAbout(visit, job);
}

interface Visit extends Destination {
  readonly trial: Trial;
  readonly manner: Manner;
}

async function submit(trial: Trial, given: NewModelJob): Promise<ModelJob> {
  const job = await trial.submit({ queue: "visits", priority: PRIORITY, maxAttempts: 2, ...given });
  if (!job) throw new Error("A visit's job has no key that could be taken.");
  return job;
}

async function order(trial: Trial, job: ModelJob, order: Order): Promise<void> {
  await untilRuns(trial, job);
  const attempt = holderOf(trial.world, job);
  if (!attempt) throw new Error(`Job ${job.order} is ${job.phase}.${job.state}, and nobody runs it.`);
  await trial.order(attempt, order);
}

/** Makes others give their slots up until this job has one. */
async function untilRuns(trial: Trial, job: ModelJob): Promise<void> {
  while (job.state === "queued") {
    const { attempts, now } = trial.world;
    const attempt = attempts.find(isStale) ?? attempts.find((one) => !one.yields);
    if (job.availableAt > now) await trial.pass(job.availableAt - now);
    else if (attempt) await trial.order(attempt, { kind: "succeed" });
    else await trial.loseLease();
  }
}

async function goForward({ trial, manner, state, event }: Visit): Promise<ModelJob> {
  const { isNew, isForced, rollback } = manner;
  const kind = manner.forward === "careful" && state === "failed" ? "plain" : manner.forward;
  const mayBeNew = state === "queued" || state === "paused" || state === "cancelled";
  const key = event === "share a key" ? `visit ${trial.world.submitted}` : undefined;
  const job = await submit(trial, { kind, key, ...(isNew && mayBeNew && { delayMs: FAR_MS }) });
  if (isNew && mayBeNew) {
    if (state === "paused") await trial.ask(job, "pause");
    if (state === "cancelled") await trial.ask(job, "cancel");
    return job;
  }
  await untilRuns(trial, job);
  switch (state) {
    case "queued":
      await order(trial, job, { kind: "later", ms: FAR_MS });
      break;
    case "pausing":
      await trial.ask(job, "pause");
      break;
    case "paused":
      await trial.ask(job, "pause");
      await order(trial, job, { kind: "checkpoint", cursor: 1 });
      break;
    case "cancelling":
      await trial.ask(job, isForced ? "terminate" : "cancel", { rollback });
      break;
    case "succeeded":
      await order(trial, job, { kind: "succeed" });
      break;
    case "failed":
      await order(trial, job, { kind: "give_up" });
      break;
    case "cancelled":
      await trial.ask(job, "cancel", { rollback: false });
      await order(trial, job, { kind: "yield" });
      break;
    case "running":
    case "rolled_back":
    case "rollback_failed":
  }
  return job;
}

async function goBackward({ trial, manner, state }: Visit): Promise<ModelJob> {
  const job = await submit(trial, { kind: manner.backward });
  if (manner.backward === "journalled") {
    await order(trial, job, { kind: "journal", entry: 1 });
    await order(trial, job, { kind: "journal", entry: 2 });
  }
  await untilRuns(trial, job);
  await trial.ask(job, "cancel", { rollback: true });
  await order(trial, job, { kind: "yield" });
  await untilRuns(trial, job);
  switch (state) {
    case "queued":
      await order(trial, job, { kind: "later", ms: FAR_MS });
      break;
    case "pausing":
      await trial.ask(job, "pause");
      break;
    case "paused":
      await trial.ask(job, "pause");
      await order(trial, job, { kind: "yield" });
      break;
    case "cancelling":
      await trial.ask(job, "terminate");
      break;
    case "rolled_back":
      await finishUndo(trial, job);
      break;
    case "rollback_failed":
      await order(trial, job, { kind: "give_up" });
      break;
    case "running":
    case "succeeded":
    case "failed":
    case "cancelled":
  }
  return job;
}

/** A journal is undone entry by entry. */
async function finishUndo(trial: Trial, job: ModelJob): Promise<void> {
  while (job.state === "running") await order(trial, job, { kind: "succeed" });
}

async function bringAbout({ trial, manner, event, phase, state }: Visit, job: ModelJob): Promise<void> {
  // Somebody else's end may have made this job one that was lost or claimed meanwhile.
  if (job.phase !== phase || job.state !== state) return;
  switch (event) {
    case "claim":
      await trial.edit(job, { delayMs: 0 });
      return untilRuns(trial, job);
    case "succeed":
      return order(trial, job, { kind: "succeed" });
    case "fail":
      return order(trial, job, { kind: manner.isLast ? "give_up" : "fail" });
    case "halt":
      if (state === "running") return trial.restart(["yield"]);
      return order(trial, job, { kind: "yield" });
    case "lost":
      return loseUntilLast(trial, manner, job);
    case "remember":
      return remember(trial, manner, job);
    case "share a key":
      return shareKey(trial, job);
    case "cancel":
    case "terminate":
      return trial.ask(job, event, { rollback: manner.rollback });
    case "retry":
      return trial.ask(job, event, { fromStart: manner.isLast });
    case "pause":
    case "resume":
    case "rollback":
      return trial.ask(job, event);
  }
}

/** Loses the job, if it is to be the last time as often as it takes. */
async function loseUntilLast(trial: Trial, { isLast }: Manner, job: ModelJob): Promise<void> {
  const { phase } = job;
  await trial.loseLease();
  if (!isLast) return;
  while (job.phase === phase && (job.state === "queued" || job.state === "running")) {
    await untilRuns(trial, job);
    await trial.loseLease();
  }
}

/** What was done is not done again, whatever comes between. */
async function remember(trial: Trial, { isForced, isLast }: Manner, job: ModelJob): Promise<void> {
  await order(trial, job, { kind: "step", name: "one" });
  await order(trial, job, { kind: "sleep", name: "one", ms: 5_000 });
  if (isForced) await trial.crash(0);
  else if (isLast) await trial.loseLease();
  await order(trial, job, { kind: "sleep", name: "one", ms: 5_000 });
  await order(trial, job, { kind: "step", name: "one" });
}

/** A job that has ended gets its key back only when nobody holds it. */
async function shareKey(trial: Trial, job: ModelJob): Promise<void> {
  const key = job.key ?? undefined;
  const holder = await submit(trial, { kind: "keeps", key, delayMs: FAR_MS });
  await trial.submit({ kind: "keeps", key });
  await trial.ask(job, "retry");
  await trial.ask(job, "rollback");
  await trial.ask(holder, "cancel");
  await trial.ask(job, "retry");
}
