// What went wrong with one try of a request: the error that the caller gets, the same that the manager of this process
// would throw, and whether to try again. A request that may have been carried out is never called "not done".
import { ERROR_CODES, type ErrorCode, PawlError } from "../domain/errors.ts";

export interface Failure {
  readonly error: PawlError;
  /** It may go away by itself. */
  readonly passing: boolean;
  /** The server may have done what was asked. */
  readonly maybeDone: boolean;
  /** How long the server wants to be left alone, in ms. */
  readonly retryAfterMs: number;
}

/** A reply that is no success, wherever it was read from. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  header(name: string): string | null;
}

/** Nothing was done, and later it may be. */
const NOT_NOW: readonly ErrorCode[] = ["rate_limited", "too_many_streams", "draining"];
/** Of replies that are not the server's own, but of something on the way to it. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: "invalid_request",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  413: "payload_too_large",
  415: "unsupported_media_type",
  421: "misdirected_request",
  429: "rate_limited",
  502: "store_unavailable",
  503: "store_unavailable",
  504: "store_unavailable",
};

/** The failure that a reply tells of. */
export function fromRefusal(refusal: Refusal, origin: string): Failure {
  const error = problemIn(refusal) ?? foreignReply(refusal.status, origin);
  const notNow = NOT_NOW.includes(error.code);
  const unavailable = error.code === "store_unavailable";
  return {
    error,
    passing: notNow || unavailable,
    maybeDone: unavailable || refusal.status === 500,
    retryAfterMs: retryAfter(refusal.header("retry-after")),
  };
}

/** A reply that was promised to be Pawl's and is not. */
export function foreignReply(status: number, origin: string): PawlError {
  return new PawlError(
    BY_STATUS[status] ?? "internal",
    `${origin} answered with status ${status} and nothing that Pawl would say. Check the address, and what stands between.`,
  );
}

/** The failure of a request whose success Pawl would not have told like that. */
export const fromStranger = (error: PawlError): Failure => ({
  error,
  passing: false,
  maybeDone: true,
  retryAfterMs: 0,
});

function problemIn({ status, text, header }: Refusal): PawlError | null {
  if (!header("content-type")?.startsWith("application/problem+json")) return null;
  const problem = readJson(text);
  if (!isProblem(problem)) return null;
  const { detail, errors, state, allowedActions, holder } = problem;
  const code = isCode(problem.code) ? problem.code : (BY_STATUS[status] ?? "internal");
  return new PawlError(code, detail, { errors, state, allowedActions, holder });
}

type Problem = Pick<PawlError["extras"], "errors" | "state" | "allowedActions" | "holder"> & {
  readonly detail: string;
  readonly code: string;
};

const isProblem = (value: unknown): value is Problem =>
  typeof value === "object" && value !== null && "code" in value && "detail" in value;
const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code);

/** `undefined` for what is no JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Nobody is left alone for longer: a timer that is set to more than 24 days would end at once. */
const RETRY_AFTER_MAX_MS = 3_600_000;

function retryAfter(header: string | null): number {
  const seconds = Number(header ?? 0);
  return seconds > 0 ? Math.min(RETRY_AFTER_MAX_MS, seconds * 1_000) : 0;
}

/** How Node says that there was nobody to send to. Browsers do not say why. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The failure of a request that got no reply, or none that could be read to its end. */
export function fromNetwork(cause: unknown, origin: string): Failure {
  const { code, why } = detailsOf(cause);
  const maybeDone = !NEVER_SENT.has(code);
  const message = maybeDone
    ? `No answer came from ${origin} (${why}). Check that the server runs and can be reached.`
    : `There is nobody at ${origin} (${why}). Check the address, and that the server runs.`;
  return { error: new PawlError("store_unavailable", message, { cause }), passing: true, maybeDone, retryAfterMs: 0 };
}

function detailsOf(cause: unknown): { readonly code: string; readonly why: string } {
  // `fetch` of Node tells little itself, and the rest in its cause.
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = inner instanceof Error && "code" in inner ? String(inner.code) : "";
  const message = inner instanceof Error ? inner.message : String(inner);
  return { code, why: message || code || "no reason was given" };
}

/** What the caller of a change gets that was perhaps carried out. */
export const outcomeUnknown = ({ error }: Failure): PawlError =>
  new PawlError(
    error.code,
    `${error.message} Whether the request was carried out is not known: look before asking again.`,
    {
      ...error.extras,
      outcome: "unknown",
      cause: error.cause,
    },
  );
