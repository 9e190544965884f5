// How an author declares a job type. A definition is plain data and two functions; it knows no store and no server.
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { BackoffPolicy } from "../domain/retry.ts";
import type { JobContext } from "./job-context.ts";

export interface RetryOptions {
  /** Tries in all, the first included. Default 3. */
  readonly attempts?: number;
  /** Default `exponential` from 1 s to 1 h. */
  readonly backoff?: "exponential" | "fixed" | BackoffPolicy;
}

/** A job type as its author writes it. `Input` is what the schema lets through. */
export interface JobDefinition<Schema extends StandardSchemaV1 = StandardSchemaV1, Output = unknown> {
  /** Lower-case words with dashes; the name that callers use. */
  readonly type: string;
  /** Default: the type's name in words. */
  readonly title?: string;
  readonly description?: string;
  readonly input: Schema;
  readonly retry?: RetryOptions;
  /** What happens when the attempts are used up. Default `keep`: the job is `failed`, and what it did stays. */
  readonly onFailure?: "keep" | "rollback";
  /** Unfinished jobs of the same group exclude each other: a second submit is refused and told who holds it. */
  readonly exclusive?: (input: StandardSchemaV1.InferOutput<Schema>) => string | null;
  /** How long a cancelled attempt may take to stop before it is forced, in ms. Default 10,000. */
  readonly cancelGraceMs?: number;
  /** Does the work. What it returns becomes the job's output. */
  readonly run: (job: JobContext<StandardSchemaV1.InferOutput<Schema>>) => Promise<Output>;
  /** Undoes all that this job did, and nothing else. Itself leased, pausable and retried. */
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
