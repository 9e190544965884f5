// How an author declares a job type. A definition is plain data and a few functions; it knows no store and no server.
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Json } from "../domain/job.ts";
import type { BackoffFunction, BackoffPolicy } from "../domain/retry.ts";
import type { Isolation } from "../ports/isolation.ts";
import type { JobContext } from "./job-context.ts";

export interface RetryOptions {
  /** Tries in all, the first included. Default 3. */
  readonly attempts?: number;
  /**
   * Default `exponential` from 1 s to 1 h. A function answers the wait in ms; where it throws or answers anything else, the
   * default holds, with a warning in the job's log.
   */
  readonly backoff?: "exponential" | "fixed" | BackoffPolicy | BackoffFunction;
}

/** What to do about an attempt that does not get on: no checkpoint, step or journal entry was committed for `afterMs`. */
export interface StallOptions {
  /** At least 1,000. Choose it well above the longest time between two checkpoints. */
  readonly afterMs: number;
  /**
   * The job is shown as `stalled` in any case. `retry` (default) ends the attempt as a failure that another attempt may
   * mend, `stop` as one that none can, `show` leaves it alone.
   */
  readonly policy?: "retry" | "stop" | "show";
}

/** How many jobs of a type may run at once, in all processes. Default: any number. */
export interface ConcurrencyOptions<Input> {
  readonly total?: number;
  /** The limit of jobs with the same key, so that one tenant cannot starve the others; jobs with `null` are not limited. */
  readonly perKey?: { readonly key: (input: Input) => string | null; readonly limit: number };
}

/** A job type as its author writes it. `Input` is what the schema lets through. */
export interface JobDefinition<Schema extends StandardSchemaV1 = StandardSchemaV1, Output = unknown> {
  /** Lower-case words with dashes; the name that callers use. */
  readonly type: string;
  /** Default: the type's name in words. */
  readonly title?: string;
  readonly description?: string;
  readonly input: Schema;
  /** Fields of the input that nobody is shown, as paths with dots: `["auth.token"]`. Their texts are kept out of logs and errors. */
  readonly secret?: readonly string[];
  readonly retry?: RetryOptions;
  /** What happens when the attempts are used up. Default `keep`: the job is `failed`, and what it did stays. */
  readonly onFailure?: "keep" | "rollback";
  /** Unfinished jobs of the same group exclude each other: a second submit is refused and told who holds it. */
  readonly exclusive?: (input: StandardSchemaV1.InferOutput<Schema>) => string | null;
  readonly concurrency?: ConcurrencyOptions<StandardSchemaV1.InferOutput<Schema>>;
  /** How long an attempt may take, in ms, counted anew whenever the job is taken up. Default: any time. Not for rollbacks. */
  readonly timeoutMs?: number;
  readonly stall?: StallOptions;
  /** How long a cancelled attempt may take to stop before it is forced, in ms. Default 10,000. */
  readonly cancelGraceMs?: number;
  /** `ownProcess(import.meta.url)` of `pawl/isolation`: each attempt runs in a process of its own. Default: in this one. */
  readonly isolation?: Isolation;
  /** Does the work. What it returns becomes the job's output. */
  readonly run: (job: JobContext<StandardSchemaV1.InferOutput<Schema>>) => Promise<Output>;
  /**
   * Undoes what one entry of the journal speaks of; called with the newest first, each entry forgotten when its undo is done.
   * It may meet an entry whose effect never happened, and the same entry twice. Annotate `entry` with what was journalled.
   */
  undo?(job: JobContext<StandardSchemaV1.InferOutput<Schema>>, entry: Json): Promise<void>;
  /** Undoes all that this job did, and nothing else. Itself leased, pausable and retried. With `undo`, it runs after it. */
  readonly rollback?: (job: JobContext<StandardSchemaV1.InferOutput<Schema>>) => Promise<void>;
}

/**
 * Declares a job type.
 *
 * @example
 * export const greet = defineJob({
 *   type: "greet",
 *   input: z.object({ name: z.string() }),
 *   async run(job) {
 *     job.log.info(`Hello ${job.input.name}`);
 *   },
 * });
 */
export function defineJob<Schema extends StandardSchemaV1, Output>(
  definition: JobDefinition<Schema, Output>,
): JobDefinition<Schema, Output> {
  return definition;
}
