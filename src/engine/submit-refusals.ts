// What the store refuses to insert, as the error that the caller gets; of a batch, with the member that it is about.
import { ERROR_CODES, exclusiveGroupTaken, keyTaken, PawlError, queueFull } from "../domain/errors.ts";
import type { InsertResult, NewJob } from "../ports/store.ts";

/** Why the store did not insert `job`. */
export function refusalOf(job: NewJob, result: InsertResult): PawlError {
  switch (result.kind) {
    case "key_taken":
      return keyTaken(job.key ?? "", result.holder);
    case "exclusive_group_taken":
      return exclusiveGroupTaken(job.exclusiveGroup ?? "", result.holder);
    case "queue_full":
      return queueFull(job.queue, job.queueLimit);
    case "inserted":
    case "existing":
    case "merged":
      return new PawlError("internal", `The store calls job ${job.id} refused, and says of it: ${result.kind}.`);
  }
}

/** `error` as it concerns one member of a batch; an error of the store concerns all of them, and stays as it is. */
export function memberError(index: number, error: unknown): unknown {
  if (!(error instanceof PawlError) || ERROR_CODES[error.code].status >= 500) return error;
  const place = `/jobs/${index}${error.code === "invalid_input" ? "/input" : ""}`;
  const problems = error.extras.errors ?? [{ pointer: "", message: error.message }];
  return new PawlError(error.code, `Nothing was stored, because of job ${index} of the batch: ${error.message}`, {
    ...error.extras,
    errors: problems.map(({ pointer, message }) => ({ pointer: place + pointer, message })),
  });
}
