// The built dashboard, as `npm run build` or `npm ci` leaves it in dist/ui. Tests of it must not run against pages that were
// built from other sources than those that lie here.
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const DASHBOARD = fileURLToPath(new URL("../../dist/ui", import.meta.url));

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What the pages are made of, besides packages. */
const FOLDERS = ["ui", "src/client", "src/domain"];
const FILES = ["src/jobs/cell-types.ts"];

/** Throws when the dashboard is not built, or older than its sources. To be called before a test opens a page. */
export function requireDashboard(): void {
  const built = statSync(path.join(DASHBOARD, "index.html"), { throwIfNoEntry: false });
  if (!built) throw new Error("The dashboard was not built: dist/ui has no index.html. `npm run prepare` builds it.");
  const sources = [...FOLDERS.flatMap(filesIn), ...FILES.map((file) => path.join(ROOT, file))];
  const newer = sources.find((file) => statSync(file).mtimeMs > built.mtimeMs);
  if (newer === undefined) return;
  const name = path.relative(ROOT, newer);
  throw new Error(`The dashboard in dist/ui is older than ${name}. \`npm run prepare\` builds it anew.`);
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => path.join(entry.parentPath, entry.name));
