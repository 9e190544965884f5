// The folder that everything is kept in: made where it may be, looked for where it must be there already.
import { access, constants, mkdir } from "node:fs/promises";
import path from "node:path";
import { explainFolder } from "./start-problem.ts";
import { systemErrorCode } from "./system-error.ts";

/** Makes the data folder, for its owner's eyes only. Rejects with `invalid_config` or `storage_full`. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw explainFolder(error, folder);
  }
}

/** Whether it is there. Rejects with `invalid_config` when it, or the folder that it lies in, cannot be read and written. */
export async function databaseExists(file: string): Promise<boolean> {
  const folder = path.dirname(file);
  try {
    await access(file, constants.R_OK | constants.W_OK);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw explainFolder(error, folder);
  }
}
