// What --from and --to of `pawl migrate` mean.
import { statSync } from "node:fs";
import path from "node:path";
import { PawlError } from "../../domain/errors.ts";
import type { Config } from "../config.ts";
import { withoutPassword } from "../database-place.ts";
import { SETTINGS } from "../settings.ts";
import type { Place } from "./source.ts";

type Where = Pick<Config, "data" | "database">;

const DATABASE = "pawl.db";

/**
 * Where to move from: `sqlite`, `sqlite:<path>` or a path; a path is that of a data folder, or of the database in one.
 * Throws `invalid_config` for anything else.
 */
export function sourceOf(
  from: string,
  { data, database }: Where,
  { folderIsGiven }: { readonly folderIsGiven: boolean },
): Place {
  if (from === "sqlite") {
    return { folder: data, database: database.kind === "sqlite" ? database.path : path.join(data, DATABASE) };
  }
  const isFile = from.startsWith("sqlite:");
  const text = isFile ? from.slice("sqlite:".length) : from;
  if (text === "" || /^[a-z][a-z0-9+.-]+:/i.test(text)) {
    throw invalid(
      `--from must be a data folder, sqlite:<path of its database>, or sqlite; it is "${withoutPassword(from)}"`,
    );
  }
  const place = path.resolve(text);
  if (kindOf(place) === "folder" || (kindOf(place) === "nothing" && !isFile)) {
    return { folder: place, database: path.join(place, DATABASE) };
  }
  return { folder: folderIsGiven ? data : path.dirname(place), database: place };
}

function kindOf(place: string): "folder" | "file" | "nothing" {
  const found = statSync(place, { throwIfNoEntry: false });
  if (found === undefined) return "nothing";
  return found.isDirectory() ? "folder" : "file";
}

/** The address to move to. Throws `invalid_config`. */
export function targetOf(to: string, { database }: Where): string {
  if (to === "postgres") {
    if (database.kind === "postgres") return database.url;
    throw invalid("--to postgres means the address in PAWL_DATABASE, which names none; write the address itself");
  }
  const { success, data } = SETTINGS.database.schema.safeParse(to);
  if (success && data.kind === "postgres") return data.url;
  throw invalid(`--to must look like postgres://user:password@host:5432/database; it is "${withoutPassword(to)}"`);
}

const invalid = (mistake: string) => new PawlError("invalid_config", `The configuration is not valid:\n  ${mistake}`);
