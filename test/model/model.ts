// The lifecycle told a second time, by hand and from the design, so that it can judge the table: where a request, an
// ending, a crash or a claim takes one job. Nothing here reads the table or the engine.
import type { Action, Phase, State } from "../../src/domain/lifecycle.ts";
import type { Kind } from "./kinds.ts";

export type Verdict = "requested" | "already" | "refused";

export interface ModelEntry {
  readonly kind: string;
  readonly state: State;
  readonly phase: Phase;
}

/** A job as the model believes it to be. Times are epoch ms. */
export interface ModelJob {
  /** Its place in the order of submits. */
  readonly order: number;
  readonly type: Kind;
  readonly canRollback: boolean;
  readonly undoOnFailure: boolean;
  readonly maxAttempts: number;
  readonly key: string | null;
  readonly queue: string;
  /** Which firing of which schedule it is. */
  readonly firing: { readonly schedule: string; readonly at: number } | null;
  /** `null` until the engine has told. */
  id: string | null;
  phase: Phase;
  state: State;
  priority: number;
  availableAt: number;
  started: boolean;
  run: number;
  token: number;
  attempt: number;
  crashCount: number;
  seq: number;
  cursor: number | null;
  abandoned: boolean;
  lastAction: Action | null;
  /** The last cancel or terminate. */
  stop: { readonly rollback: boolean; readonly forced: boolean } | null;
  /** What is remembered in the present run and phase. */
  steps: string[];
  /** How often the work of each step was done, in all runs. */
  readonly worked: Map<string, number>;
  /** What is not undone yet, the newest last. */
  journal: number[];
  /** First answers, by request id. */
  readonly answers: Map<string, Verdict>;
  readonly history: ModelEntry[];
}

export interface AskOptions {
  readonly rollback?: boolean;
  readonly fromStart?: boolean;
}

export type Ending =
  | { readonly kind: "succeed" }
  | { readonly kind: "fail"; readonly retryInMs: number | null }
  | { readonly kind: "halt"; readonly waitMs?: number };

const WITHOUT_WORKER: readonly State[] = ["queued", "paused"];
const HELD: readonly State[] = ["running", "pausing", "cancelling"];

const ALL_ACTIONS: readonly Action[] = ["pause", "resume", "cancel", "terminate", "retry", "rollback"];

export const idOf = (job: ModelJob): string => {
  if (job.id === null) throw new Error(`The engine has not told of job ${job.order}.`);
  return job.id;
};

/** The actions that would be granted now. */
export const allowedActions = (job: ModelJob): readonly Action[] =>
  ALL_ACTIONS.filter((action) => judge(job, action) === "requested");

export const isHeld = ({ state }: ModelJob): boolean => HELD.includes(state);
export const isUnfinished = ({ state }: ModelJob): boolean => HELD.includes(state) || WITHOUT_WORKER.includes(state);

export function note(job: ModelJob, kind: string): void {
  job.history.push({ kind, state: job.state, phase: job.phase });
}

const undoable = (job: ModelJob): boolean => job.canRollback && job.started;

/** What a request is answered, before anything is done. */
export function judge(job: ModelJob, action: Action): Verdict {
  const { state } = job;
  const backward = job.phase === "rollback";
  const one = (...states: readonly State[]) => states.includes(state);
  const otherwise = (isAlready: boolean): Verdict => (isAlready ? "already" : "refused");
  switch (action) {
    case "pause":
      return one("queued", "running") ? "requested" : otherwise(one("pausing", "paused"));
    case "resume":
      return one("paused", "pausing") ? "requested" : otherwise(one("queued", "running"));
    case "cancel":
      if (backward) return otherwise(state !== "rollback_failed");
      return one("queued", "running", "pausing", "paused") ? "requested" : otherwise(one("cancelling", "cancelled"));
    case "terminate":
      if (one("queued", "running", "pausing", "paused")) return "requested";
      if (one("cancelling")) return job.stop?.forced ? "already" : "requested";
      return otherwise(one("cancelled", "rolled_back", "rollback_failed"));
    case "retry":
      if (one("failed", "cancelled", "rolled_back")) return "requested";
      return otherwise(!backward && one("queued", "running") && job.lastAction === "retry");
    case "rollback":
      if (backward) return state === "rollback_failed" ? "requested" : "already";
      return one("succeeded", "failed", "cancelled") && undoable(job) ? "requested" : "refused";
  }
}

/** Does what was granted. */
export function grant(job: ModelJob, action: Action, { rollback, fromStart }: AskOptions, now: number): void {
  const idle = WITHOUT_WORKER.includes(job.state);
  job.lastAction = action;
  switch (action) {
    case "pause":
      job.state = idle ? "paused" : "pausing";
      break;
    case "resume":
      job.state = idle ? "queued" : "running";
      break;
    case "cancel":
    case "terminate": {
      const before = job.state === "cancelling" ? job.stop?.rollback : undefined;
      job.stop = { rollback: rollback ?? before ?? job.canRollback, forced: action === "terminate" };
      if (idle) stopHere(job, now);
      else job.state = "cancelling";
      break;
    }
    case "retry":
      if (fromStart || job.phase === "rollback") startAnew(job);
      job.phase = "forward";
      job.state = "queued";
      refresh(job, now);
      break;
    case "rollback":
      if (job.phase === "forward") enterRollback(job, now);
      else job.state = "queued";
      refresh(job, now);
      break;
  }
  note(job, action);
}

function refresh(job: ModelJob, now: number): void {
  job.attempt = 1;
  job.crashCount = 0;
  job.availableAt = now;
}

function startAnew(job: ModelJob): void {
  job.run += 1;
  job.cursor = null;
  job.steps = [];
}

function enterRollback(job: ModelJob, now: number): void {
  job.phase = "rollback";
  job.state = "queued";
  job.cursor = null;
  job.steps = [];
  refresh(job, now);
}

/** A cancel or terminate takes effect: nobody runs the job. */
function stopHere(job: ModelJob, now: number, otherwise: State = "cancelled"): void {
  if (job.phase === "rollback") job.state = "rollback_failed";
  else if (undoable(job) && job.stop?.rollback) enterRollback(job, now);
  else job.state = otherwise;
}

export function claim(job: ModelJob): void {
  job.state = "running";
  job.started = true;
  job.token += 1;
  note(job, "claim");
}

/** The attempt that holds the job has ended. */
export function end(job: ModelJob, ending: Ending, now: number): void {
  job.abandoned = false;
  switch (ending.kind) {
    case "succeed":
      if (job.phase === "rollback") job.state = "rolled_back";
      else if (job.state === "cancelling") stopHere(job, now, "succeeded");
      else job.state = "succeeded";
      break;
    case "fail":
      fail(job, ending.retryInMs, now);
      break;
    case "halt":
      if (ending.waitMs !== undefined) job.availableAt = now + ending.waitMs;
      letGo(job, now);
      break;
  }
  note(job, ending.kind);
}

function fail(job: ModelJob, retryInMs: number | null, now: number): void {
  if (job.state === "cancelling") stopHere(job, now);
  else if (retryInMs !== null && job.attempt < job.maxAttempts) {
    job.state = job.state === "pausing" ? "paused" : "queued";
    job.attempt += 1;
    job.availableAt = now + retryInMs;
  } else giveUp(job, now);
}

/** No further attempt is made. */
function giveUp(job: ModelJob, now: number): void {
  if (job.phase === "rollback") job.state = "rollback_failed";
  else if (job.undoOnFailure && undoable(job)) enterRollback(job, now);
  else job.state = "failed";
}

/** The attempt stopped, or is no more, and the job goes where it was asked to. */
function letGo(job: ModelJob, now: number): void {
  if (job.state === "cancelling") stopHere(job, now);
  else job.state = job.state === "pausing" ? "paused" : "queued";
}

/** The worker that holds the job died. */
export function lose(job: ModelJob, crashLimit: number, now: number): void {
  job.abandoned = false;
  job.crashCount += 1;
  const crashes = job.crashCount;
  if (job.state === "running" && crashes >= crashLimit) giveUp(job, now);
  else {
    letGo(job, now);
    // The second crash in a row waits a second, each further one twice as long, up to a minute.
    const waitMs = crashes < 2 ? 0 : Math.min(60_000, 1_000 * 2 ** (crashes - 2));
    if (job.state === "queued" && job.crashCount > 0) job.availableAt = now + waitMs;
  }
  note(job, "lost");
}
