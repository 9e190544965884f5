// Says in one sentence why a server cannot start, and what to do about it.
import { PawlError, storageFull, storeUnavailable } from "../domain/errors.ts";
import type { Config } from "./config.ts";
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
