// What failures of the database mean. An outage ends by itself: a job puts itself off until then, which uses up no attempt,
// and its next attempt reads in the database where it stands; so nothing depends on whether a lost answer was a yes.
import { PawlError, TryAgainLater } from "../../../index.ts";

/** Long enough that a server that starts again finds few who ask it at once. */
const TRY_AGAIN_MS = 2_000;

/** Classes of PostgreSQL's codes: connection, no resources, operator's intervention, system error. */
const OUTAGES: ReadonlySet<string> = new Set(["08", "53", "57", "58"]);
/** A full disk is no outage: somebody has to make room. */
const DISK_FULL = "53100";
/**
 * Undone because of others at the same time; a server that only reads, as during a failover; ended because it stood still;
 * a lock waited for in vain; a password that was changed, or rights or tables that were taken away: the operator has to mend that.
 */
const PASSING: ReadonlySet<string> = new Set([
  "40001",
  "40P01",
  "25006",
  "25P03",
  "55P03",
  "28P01",
  "28000",
  "42501",
  "3F000",
  "42P01",
]);

/** The driver's own errors have no code. */
const LOST_CONNECTION = /connection|timeout|terminated|not queryable|after calling end/i;

/** For calls of jobs: an outage becomes a `TryAgainLater`. */
export async function forJob<R>(call: () => Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    if (!isOutage(error)) throw explained(error);
    throw new TryAgainLater(TRY_AGAIN_MS, `the data store could not do it now (${messageOf(error)})`);
  }
}

/** For all others: an outage becomes `store_unavailable`. */
export async function forCaller<R>(call: () => Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    if (!isOutage(error)) throw explained(error);
    const message = `The data store does not answer (${messageOf(error)}). Try again when the database is back.`;
    throw new PawlError("store_unavailable", message, { cause: error });
  }
}

function isOutage(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof PawlError) return false;
  // Of the operating system; the driver tries all addresses of a name.
  if ("syscall" in error || error instanceof AggregateError) return true;
  const code = codeOf(error);
  if (code !== null) return PASSING.has(code) || (OUTAGES.has(code.slice(0, 2)) && code !== DISK_FULL);
  return (isPlain(error) && LOST_CONNECTION.test(error.message)) || isOutage(error.cause);
}

/** An error of a class of its own says itself what it means. */
const isPlain = (error: Error) => error.name === "Error";

function explained(error: unknown): unknown {
  if (codeOf(error) !== DISK_FULL) return error;
  return new PawlError("storage_full", "There is no space left for the data store in the database. Make room there.", {
    cause: error,
  });
}

const codeOf = (error: unknown): string | null =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;

const messageOf = (error: unknown): string =>
  (error instanceof Error && error.message) || (codeOf(error) ?? String(error));
