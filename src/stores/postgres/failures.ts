// What PostgreSQL and the connection to it say, in Pawl's words.
// Invariant: an outage, and what the operator has to mend, is `store_unavailable`, a full disk `storage_full`; anything else
// stays what it is. So a job waits for the database instead of failing because of it.
import { invalidRequest, PawlError, storageFull, storeUnavailable } from "../../domain/errors.ts";
import { SQL_STATE, sqlStateOf } from "./sql-state.ts";

/** Codes of transactions that were undone because of others at the same time: they are run again. */
const AGAIN: ReadonlySet<string> = new Set(["40001", "40P01"]);
/** Texts that PostgreSQL cannot hold: a NUL character, or half a surrogate pair. */
const UNSTORABLE: ReadonlySet<string> = new Set(["22021", "22P05"]);
/** Classes of codes: connection, no resources, operator's intervention, system error. */
const OUTAGES: ReadonlySet<string> = new Set(["08", "53", "57", "58"]);
/**
 * A transaction that stood still for too long; a lock that was waited for longer than the role may; tables that changed
 * under a statement that was planned before.
 */
const PASSING: ReadonlySet<string> = new Set(["25P03", SQL_STATE.lockTimeout, "0A000"]);
/** What the database refuses, and what the operator can do about it. By code, or by class. */
const TO_MEND: ReadonlyMap<string, string> = new Map([
  ["25006", "It is a standby, or set to read only: wait until it is promoted, or name the primary."],
  ["28", "Check the user and the password in its address."],
  ["3D", "Create that database, or name another one."],
  [SQL_STATE.noSuchSchema, "The schema is gone: restore it, or start Pawl again, which makes an empty one."],
  [SQL_STATE.noSuchTable, "Tables are gone from the schema: restore it, or name another one."],
  [
    SQL_STATE.notAllowed,
    "Let the role create schemas, or make its schemas and let it own them and all that is in them.",
  ],
]);
const DISK_FULL = "53100";
/** A named statement is not there, or already: somebody hands our session to others, and keeps no statements for us. */
const NAMES: ReadonlySet<string> = new Set(["26000", "42P05"]);

export const isConflict = (error: unknown): boolean => AGAIN.has(sqlStateOf(error) ?? "");

/** The system's own codes, such as `EPIPE`, have no digit. */
const isSqlState = (code: string): boolean => /^(?=.*\d)[0-9A-Z]{5}$/.test(code);

const isOutage = (code: string): boolean => OUTAGES.has(code.slice(0, 2)) || PASSING.has(code);

/** Answers what callers are told. */
export function toPawlError(error: unknown): unknown {
  if (error instanceof PawlError) return error;
  const code = sqlStateOf(error);
  if (code === DISK_FULL) return storageFull("to the database", error);
  if (code !== null && UNSTORABLE.has(code)) {
    return invalidRequest("A text holds a character that the database cannot store, such as NUL. Remove it.");
  }
  if (code !== null && NAMES.has(code)) {
    return storeUnavailable(
      "The pooler before the database mixes up named statements. In transaction mode use PgBouncer 1.21 or later with " +
        "max_prepared_statements above 0, or connect directly.",
      error,
    );
  }
  const advice = code === null ? undefined : (TO_MEND.get(code) ?? TO_MEND.get(code.slice(0, 2)));
  if (advice !== undefined) return storeUnavailable(`The database refuses: ${reasonOf(error)}. ${advice}`, error);
  // Ten times, each time because of somebody else.
  if (isConflict(error)) return unavailable(error);
  if (code !== null && isSqlState(code) && !isOutage(code)) return error;
  if (code === null && !isConnectionError(error)) return error;
  return unavailable(error);
}

/** The driver's own errors have no code. */
const isConnectionError = (error: unknown): boolean =>
  error instanceof Error && /connection|timeout|terminat|socket|closed/i.test(error.message);

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function unavailable(cause: unknown): PawlError {
  return storeUnavailable(
    `The database does not answer (${reasonOf(cause)}). What was under way may or may not have taken place.`,
    cause,
  );
}
