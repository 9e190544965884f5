// What SQLite's result codes mean for a caller.
import { type ErrorCode, PawlError, storageFull, storeUnavailable } from "../../domain/errors.ts";

/** Primary result codes: they are the low byte of every extended code. See https://www.sqlite.org/rescode.html */
const FULL = 13;
const UNAVAILABLE = new Map([
  [5, "it is busy"],
  [6, "it is locked"],
  [8, "it cannot be written"],
  [10, "the disk reports an error"],
  [11, "it is damaged"],
  [14, "it cannot be opened"],
  [26, "it is not a SQLite database"],
]);
/** No space for the shared-memory file, which SQLite reports as an I/O error. */
const IOERR_SHMSIZE = 4874;

const resultCode = (error: unknown): number | null =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : null;

/** The error to answer with, for whatever an operation threw. */
export function toPawlError(error: unknown): PawlError {
  if (error instanceof PawlError) return error;
  const code = resultCode(error);
  if (code === IOERR_SHMSIZE || (code !== null && (code & 0xff) === FULL)) return storageFull("the database", error);
  const why = code === null ? undefined : UNAVAILABLE.get(code & 0xff);
  const said = error instanceof Error ? error.message : String(error);
  if (why === undefined) return new PawlError("internal", `The store failed: ${said}`, { cause: error });
  return storeUnavailable(`The database does not answer: ${why} (${said}). Nothing was changed; try again.`, error);
}

/** The part of an error that crosses a thread. */
export function toFailure(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  const { code, message } = toPawlError(error);
  return { code, message };
}
