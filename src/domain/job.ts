// What a job is: the record that stores keep, and the view of it that every caller sees.
import type { Json } from "./json.ts";
import { type Action, allowedActions, type Facts, type Phase, type State } from "./lifecycle.ts";
import { etaMs, type Progress } from "./progress.ts";
import { hideSecrets } from "./secrets.ts";

export type { Json } from "./json.ts";

/** The last thing that was asked of a job. Times are epoch milliseconds. */
export interface ControlRequest {
  readonly action: Action;
  readonly actor: string;
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly requestedAt: number;
  /** When the job stopped moving towards it (`pausing` became `paused`); `null` while it is awaited. */
  readonly reachedAt: number | null;
  /** Whether a cancel or terminate wants what was done undone. */
  readonly rollback: boolean;
  /** Whether a terminate wants no grace. */
  readonly force: boolean;
}

/** Why an attempt failed. */
export interface JobError {
  /** `error` for a plain throw, else what the author or the engine named it: `timeout`, `crash_loop`, `row_rejected`, ... */
  readonly code: string;
  readonly message: string;
  readonly at: number;
  readonly attempt: number;
  readonly details: Json;
}

/** Where a job continues. `seq` only grows; `cursor` is what the last committed checkpoint said. */
export interface Checkpoint {
  readonly seq: number;
  readonly cursor: Json;
  readonly savedAt: number | null;
}

/** A file that a job made. `sha256` is lower-case hex. */
export interface Artifact {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly mediaType: string;
}

/** An artifact and the id under which the file store keeps its bytes. */
export interface StoredArtifact extends Artifact {
  readonly fileId: string;
}

/** A job as stores keep it. Times are epoch milliseconds, `null` where the thing has not happened. */
export interface JobRecord {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  readonly key: string | null;
  /** The exclusive group that it holds while unfinished. */
  readonly exclusiveGroup: string | null;
  /** Higher is claimed first. */
  readonly priority: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly input: Json;
  readonly output: Json;
  readonly error: JobError | null;
  readonly state: State;
  readonly phase: Phase;
  /** +1 at every start from the beginning; keys cursor, steps and journal. Starts at 1. */
  readonly run: number;
  /** Fencing token, +1 at every claim. Starts at 0. */
  readonly token: number;
  /** Which attempt runs or ran last, from 1. Only a failure consumes one. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Crashes without checkpoint progress in between. */
  readonly crashCount: number;
  readonly canRollback: boolean;
  /** The type says `onFailure: "rollback"`. */
  readonly rollbackOnFailure: boolean;
  /** How long an attempt may take, `null`: as the type says. */
  readonly timeoutMs: number | null;
  /** Jobs of a type with the same key share a limit. */
  readonly concurrencyKey: string | null;
  /** Fields of the input that nobody is shown: paths with dots. */
  readonly secretFields: readonly string[];
  readonly control: ControlRequest | null;
  readonly checkpoint: Checkpoint;
  readonly progress: Progress;
  /** Files that it made, by name. */
  readonly artifacts: readonly StoredArtifact[];
  /** An inline handler ignores its signal: it still runs, its slot is occupied. */
  readonly abandoned: boolean;
  /** The attempt has made no checkpoint for longer than its type allows. */
  readonly stalled: boolean;
  readonly workerId: string | null;
  readonly createdAt: number;
  /** Not claimed before this time: scheduled, or waiting to retry. */
  readonly availableAt: number;
  /** First claim. */
  readonly startedAt: number | null;
  /** The claim of the attempt under way; `null` when nobody holds the job. */
  readonly claimedAt: number | null;
  readonly finishedAt: number | null;
  /** Time under a lease in earlier attempts, in ms: paused and waiting time excluded. */
  readonly runningMs: number;
}

/** A job as callers see it, the same from the library, HTTP and the command line. Times are ISO 8601 in UTC. */
export interface Job {
  readonly id: string;
  readonly type: string;
  readonly key: string | null;
  readonly queue: string;
  readonly priority: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: State;
  readonly phase: Phase;
  readonly progress: Progress & { readonly etaMs: number | null };
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly crashCount: number;
  readonly timeoutMs: number | null;
  readonly concurrencyKey: string | null;
  /** Secret fields are shown as `[secret]`. */
  readonly input: Json;
  readonly output: Json;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly at: string;
    readonly attempt: number;
    readonly details: Json;
  } | null;
  readonly control: {
    readonly action: Action;
    readonly actor: string;
    readonly reason: string | null;
    readonly requestedAt: string;
    readonly reachedAt: string | null;
    readonly rollback: boolean;
    readonly force: boolean;
  } | null;
  readonly allowedActions: readonly Action[];
  readonly abandoned: boolean;
  readonly stalled: boolean;
  readonly worker: string | null;
  readonly createdAt: string;
  readonly availableAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** Time that it ran, in ms, paused and waiting time excluded. */
  readonly runningMs: number;
  readonly checkpoint: { readonly seq: number; readonly savedAt: string | null };
  readonly artifacts: readonly Artifact[];
}

/** A job without what may be large: what lists and streams carry. */
export type JobSummary = Omit<Job, "input" | "output" | "error" | "artifacts"> & {
  readonly error: { readonly code: string; readonly message: string } | null;
};

/** The lifecycle's conditions, as this record answers them for a request that does not say otherwise. */
export function factsOf(job: Omit<JobRecord, "input" | "output">): Facts {
  const undoable = job.canRollback && job.startedAt !== null;
  return {
    undoable,
    undo: undoable && (job.control?.rollback ?? true),
    attemptsLeft: job.attempt < job.maxAttempts,
    undoOnFailure: undoable && job.rollbackOnFailure,
    crashLoop: false,
    notForced: !(job.control?.force ?? false),
  };
}

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));

/** The summary of a record as of `now` (epoch ms): what lists and streams carry. */
export function toSummary(job: Omit<JobRecord, "input" | "output">, now: number): JobSummary {
  const running = job.state === "running" || job.state === "pausing" || job.state === "cancelling";
  return {
    id: job.id,
    type: job.type,
    key: job.key,
    queue: job.queue,
    priority: job.priority,
    labels: job.labels,
    state: job.state,
    phase: job.phase,
    progress: { ...job.progress, etaMs: running ? etaMs(job.progress) : null },
    attempt: job.attempt,
    maxAttempts: job.maxAttempts,
    crashCount: job.crashCount,
    timeoutMs: job.timeoutMs,
    concurrencyKey: job.concurrencyKey,
    error: job.error && { code: job.error.code, message: job.error.message },
    control: job.control && {
      action: job.control.action,
      actor: job.control.actor,
      reason: job.control.reason,
      requestedAt: iso(job.control.requestedAt),
      reachedAt: isoOrNull(job.control.reachedAt),
      rollback: job.control.rollback,
      force: job.control.force,
    },
    allowedActions: allowedActions(job.phase, job.state, factsOf(job)),
    abandoned: job.abandoned,
    stalled: job.stalled,
    worker: job.workerId,
    createdAt: iso(job.createdAt),
    availableAt: iso(job.availableAt),
    startedAt: isoOrNull(job.startedAt),
    finishedAt: isoOrNull(job.finishedAt),
    runningMs: job.runningMs + (running && job.claimedAt !== null ? Math.max(0, now - job.claimedAt) : 0),
    checkpoint: { seq: job.checkpoint.seq, savedAt: isoOrNull(job.checkpoint.savedAt) },
  };
}

/** The whole view of a record as of `now` (epoch ms). */
export function toJob(job: JobRecord, now: number): Job {
  return {
    ...toSummary(job, now),
    input: hideSecrets(job.input, job.secretFields),
    output: job.output,
    error: job.error && { ...job.error, at: iso(job.error.at) },
    artifacts: job.artifacts.map(({ name, size, sha256, mediaType }) => ({ name, size, sha256, mediaType })),
  };
}
