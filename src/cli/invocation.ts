// How this program was called: messages name the next command as it has to be typed here.
import path from "node:path";
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

/** The flags that lead to the same data folder and database again; "" for the defaults. */
export function whereFlags({ data, database }: { readonly data: string; readonly database: string }): string {
  const folder = data === path.resolve(SETTINGS.data.text) ? "" : ` --data ${quoted(data)}`;
  return database === path.join(data, "pawl.db") ? folder : `${folder} --database ${quoted(database)}`;
}

const quoted = (text: string) => (/^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
