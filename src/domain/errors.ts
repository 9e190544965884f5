// Every error that Pawl answers with: one class, one table of codes. Callers match the code, people read the message,
// and each message says what happened, to which thing, and what to do.
import type { Action, State } from "./lifecycle.ts";

/** Codes with the HTTP status and the process exit code that each one means. */
export const ERROR_CODES = {
  invalid_request: { status: 400, exitCode: 2, title: "The request is not valid" },
  invalid_input: { status: 400, exitCode: 2, title: "The input does not fit the job type" },
  unknown_job_type: { status: 400, exitCode: 2, title: "No such job type" },
  job_not_found: { status: 404, exitCode: 3, title: "No such job" },
  not_found: { status: 404, exitCode: 3, title: "Not found" },
  method_not_allowed: { status: 405, exitCode: 2, title: "Method not allowed" },
  action_not_allowed: { status: 409, exitCode: 4, title: "The job's state does not allow this" },
  key_taken: { status: 409, exitCode: 4, title: "The key is held by an unfinished job" },
  exclusive_group_taken: { status: 409, exitCode: 4, title: "Another unfinished job holds the exclusive group" },
  name_taken: { status: 409, exitCode: 4, title: "The name is taken" },
  changed_meanwhile: { status: 409, exitCode: 4, title: "It was changed meanwhile" },
  idempotency_conflict: { status: 422, exitCode: 4, title: "The idempotency key was used for another request" },
  range_not_satisfiable: { status: 416, exitCode: 2, title: "The range lies beyond the file" },
  payload_too_large: { status: 413, exitCode: 2, title: "Too large" },
  unsupported_media_type: { status: 415, exitCode: 2, title: "Unsupported content type" },
  misdirected_request: { status: 421, exitCode: 2, title: "The Host header names another server" },
  unauthenticated: { status: 401, exitCode: 5, title: "No valid credential" },
  forbidden: { status: 403, exitCode: 5, title: "Forbidden" },
  rate_limited: { status: 429, exitCode: 6, title: "Too many requests" },
  queue_full: { status: 429, exitCode: 6, title: "The queue is full" },
  too_many_streams: { status: 429, exitCode: 6, title: "Too many live streams or waiting requests" },
  internal: { status: 500, exitCode: 1, title: "Internal error" },
  store_unavailable: { status: 503, exitCode: 7, title: "The store does not answer" },
  draining: { status: 503, exitCode: 7, title: "The server is stopping" },
  quota_exceeded: { status: 507, exitCode: 8, title: "The quota is used up" },
  storage_full: { status: 507, exitCode: 8, title: "The storage is full" },
  store_owned: { status: 503, exitCode: 9, title: "Another process owns the store" },
  invalid_config: { status: 500, exitCode: 2, title: "The configuration is not valid" },
} as const satisfies Record<string, { status: number; exitCode: number; title: string }>;
export type ErrorCode = keyof typeof ERROR_CODES;

/** A problem with one place of an input: `pointer` is a JSON pointer, such as `/columns/0`. */
export interface InputProblem {
  readonly pointer: string;
  readonly message: string;
}

/** What some errors carry besides their message. */
export interface ErrorExtras {
  readonly errors?: readonly InputProblem[];
  readonly state?: State;
  readonly allowedActions?: readonly Action[];
  readonly holder?: string;
  /** Of a change that a client sent: no answer came, and whether it was carried out is not known. */
  readonly outcome?: "unknown";
  readonly cause?: unknown;
}

/** The one error class of Pawl. Match `code`; show `message`. */
export class PawlError extends Error {
  readonly code: ErrorCode;
  readonly extras: ErrorExtras;

  constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = "PawlError";
    this.code = code;
    this.extras = extras;
  }
}

export const invalidRequest = (message: string, errors?: readonly InputProblem[]) =>
  new PawlError("invalid_request", message, { errors });

export const invalidInput = (type: string, errors: readonly InputProblem[]) =>
  new PawlError(
    "invalid_input",
    `The input does not fit the job type "${type}": ${errors.map((e) => `${e.pointer || "/"} ${e.message}`).join("; ")}.`,
    { errors },
  );

export const unknownJobType = (type: string, known: readonly string[]) =>
  new PawlError("unknown_job_type", `There is no job type "${type}". Known types: ${known.join(", ") || "none"}.`);

export const jobNotFound = (id: string) => new PawlError("job_not_found", `There is no job "${id}".`);

export const actionNotAllowed = (
  action: Action | "delete" | "edit",
  id: string,
  state: State,
  allowed: readonly Action[],
) =>
  new PawlError(
    "action_not_allowed",
    `Job ${id} is ${state}: ${action} is not possible. Possible now: ${allowed.join(", ") || "nothing"}.`,
    { state, allowedActions: allowed },
  );

export const rollbackFailedKept = (id: string) =>
  new PawlError(
    "action_not_allowed",
    `Job ${id} is rollback_failed: what it did may still be there. Roll it back again, or delete it with force.`,
    { state: "rollback_failed", allowedActions: ["rollback"] },
  );

export const keyTaken = (key: string, holder: string) =>
  new PawlError(
    "key_taken",
    `The key "${key}" is held by the unfinished job ${holder}. Wait for it, cancel it, or use another key.`,
    {
      holder,
    },
  );

export const exclusiveGroupTaken = (group: string, holder: string) =>
  new PawlError(
    "exclusive_group_taken",
    `The exclusive group "${group}" is held by the unfinished job ${holder}. Wait for it to finish, or cancel it.`,
    { holder },
  );

export const idempotencyConflict = (key: string) =>
  new PawlError(
    "idempotency_conflict",
    `The idempotency key "${key}" was used for another request in the last 24 hours. Use a new key for a new request.`,
  );

export const queueFull = (queue: string, limit: number) =>
  new PawlError(
    "queue_full",
    `The queue "${queue}" already holds ${limit} waiting jobs, its limit. Nothing was stored; try again later.`,
  );

export const storageFull = (what: string, cause?: unknown) =>
  new PawlError(
    "storage_full",
    `There is no space left to write ${what}. Nothing was changed; free some space and try again.`,
    { cause },
  );

export const storeUnavailable = (message: string, cause?: unknown) =>
  new PawlError("store_unavailable", message, { cause });

export const payloadTooLarge = (what: string, maxBytes: number) =>
  new PawlError(
    "payload_too_large",
    `${what} is larger than ${maxBytes} bytes, the limit. Nothing was stored; send less, or raise the limit.`,
  );

export const quotaExceeded = (maxBytes: number) =>
  new PawlError(
    "quota_exceeded",
    `With this file the uploads would take more than ${maxBytes} bytes, their quota. Nothing was stored; ` +
      "delete jobs that hold uploads, or raise the quota.",
  );

export const fileNotFound = (id: string) => new PawlError("not_found", `There is no file "${id}".`);

export const fileTaken = (id: string) =>
  new PawlError(
    "changed_meanwhile",
    `The file ${id} was opened by somebody newer, who writes it from now on. Nothing more was added to it.`,
  );

export const fileCutShort = (id: string, expected: number, actual: number) =>
  new PawlError(
    "internal",
    `The file ${id} must hold at least ${expected} bytes but holds ${actual}: it was damaged from outside. Run the job again from the start.`,
  );
