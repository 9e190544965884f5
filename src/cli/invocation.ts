// How this program was called: messages name the next command as it has to be typed here.
import path from "node:path";
import { type DatabasePlace, withoutPassword } from "./database-place.ts";
import { SETTINGS } from "./settings.ts";

/** `pawl` where it is installed, and what starts its file otherwise. */
export function programName(script = process.argv[1] ?? "pawl"): string {
  if (/^pawl(\.cmd)?$/.test(path.basename(script))) return "pawl";
  const file = path.relative("", script);
  // The built program starts with any Node.
  if (!file.endsWith(".ts")) return `node ${quoted(file)}`;
  // A checkout brings its own Node, which npx only finds from inside.
  if (file.startsWith("..")) return `${quoted(process.execPath)} ${quoted(path.resolve(script))}`;
  return `npx node ${quoted(file)}`;
}

interface Where {
  readonly data: string;
  readonly database: DatabasePlace;
  readonly schema: string;
}

/** The flags that lead to the same data folder and database again; "" for the defaults. A password is left to be filled in. */
export function whereFlags({ data, database, schema }: Where): string {
  if (database.kind === "postgres") {
    const other = schema === SETTINGS.schema.text ? "" : ` --schema ${schema}`;
    return ` --database ${quoted(withoutPassword(database.url))}${other}`;
  }
  const folder = data === path.resolve(SETTINGS.data.text) ? "" : ` --data ${quoted(data)}`;
  return database.path === path.join(data, "pawl.db") ? folder : `${folder} --database ${quoted(database.path)}`;
}

const quoted = (text: string) => (/^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
