// Says in one sentence why a server cannot start, and what to do about it.
import { PawlError, storageFull, storeUnavailable } from "../domain/errors.ts";
import { sqlStateOf } from "../stores/postgres/sql-state.ts";
import type { Config } from "./config.ts";
import { placeText } from "./database-place.ts";
import { systemErrorCode } from "./system-error.ts";

/** Why the data folder cannot be used. */
export function explainFolder(cause: unknown, folder: string): unknown {
  const refuse = (why: string) => new PawlError("invalid_config", `The data folder ${folder} ${why}`, { cause });
  switch (systemErrorCode(cause)) {
    case "EACCES":
    case "EPERM":
      return refuse("cannot be read and written by this user. Allow it, or choose another folder with --data.");
    case "EROFS":
      return refuse("lies on a read-only disk. Choose another folder with --data.");
    case "EEXIST":
    case "ENOTDIR":
      return refuse("is no folder. Choose another one with --data.");
    case "ENOSPC":
    case "EDQUOT":
      return storageFull(`the data folder ${folder}`, cause);
    default:
      return cause;
  }
}

const SQLITE_FULL = 13;

/** Why the database of the shipped job types cannot be opened. */
export function explainDataStore(cause: unknown, file: string): unknown {
  if (!(cause instanceof Error) || cause instanceof PawlError) return cause;
  const full = "errcode" in cause && cause.errcode === SQLITE_FULL;
  if (full || systemErrorCode(cause) === "ENOSPC") return storageFull(`the data store ${file}`, cause);
  return storeUnavailable(
    `The data store ${file} cannot be opened: ${cause.message}. Restore it from a copy, or choose another folder with --data.`,
    cause,
  );
}

/** Of PostgreSQL: a wrong user or password, no such database, not allowed. */
const REFUSAL = /^(28...|3D000|42501)$/;
/** Of the system: nobody is there. */
const UNREACHABLE: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ETIMEDOUT"]);

/** Why the PostgreSQL database at `url`, which `flag` names, cannot be used. */
export function explainPostgres(cause: unknown, url: string, flag: "--database" | "--to"): unknown {
  const place = placeText({ kind: "postgres", url });
  const origin = cause instanceof PawlError ? cause.cause : cause;
  if (!(origin instanceof Error)) return cause;
  if (REFUSAL.test(sqlStateOf(origin) ?? "")) {
    return storeUnavailable(
      `The database ${place} refuses: ${origin.message}. Check user, password and database of ${flag}, and that the user may ` +
        "create schemas there.",
      cause,
    );
  }
  if (!UNREACHABLE.has(systemErrorCode(origin) ?? "")) return cause;
  return storeUnavailable(
    `The database ${place} does not answer (${origin.message}). Start it, or check host and port of ${flag}.`,
    cause,
  );
}

/** Why the address cannot be listened on. */
export function explainPort(cause: unknown, { host, port }: Pick<Config, "host" | "port">): unknown {
  const refuse = (why: string) => new PawlError("invalid_config", why, { cause });
  switch (systemErrorCode(cause)) {
    case "EADDRINUSE":
      return refuse(
        `Port ${port} on ${host} is in use by another program. Choose another with --port, or --port 0 for any free one.`,
      );
    case "EACCES":
      return refuse(`Port ${port} needs more rights than this user has. Choose one above 1023 with --port.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return refuse(`The address ${host} does not belong to this machine. Choose another with --host.`);
    default:
      return cause;
  }
}
