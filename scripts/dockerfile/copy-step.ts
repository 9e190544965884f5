// COPY: from the project what .dockerignore lets in, from an earlier stage anything. A folder's contents go to the target,
// a file goes below it when the target ends in a slash.
import { copyFileSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { isIgnored, parseIgnore } from "./ignored.ts";
import { copyOf, type Instruction } from "./parse-dockerfile.ts";

export interface CopyPlaces {
  /** The project. */
  readonly root: string;
  /** The file system that is copied into. */
  readonly mount: string;
  readonly workdir: string;
  /** Where an earlier stage's file system is. */
  readonly stage: (name: string) => string;
}

export function performCopy(instruction: Instruction, places: CopyPlaces): void {
  const { sources, to, from } = copyOf(instruction);
  const target = path.join(places.mount, path.posix.resolve(places.workdir, to));
  for (const source of sources) {
    const place = to.endsWith("/") ? path.join(target, path.basename(source)) : target;
    if (from !== null) copyAll(path.join(places.stage(from), source), { target, place });
    else copyAllowed(source, places.root, { target, place });
  }
}

interface Targets {
  /** For what is in a folder. */
  readonly target: string;
  /** For a single file. */
  readonly place: string;
}

function copyAll(source: string, { target, place }: Targets): void {
  if (statSync(source).isDirectory()) {
    cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    return;
  }
  copyFile(source, place);
}

function copyAllowed(source: string, root: string, { target, place }: Targets): void {
  const from = path.join(root, source);
  if (!existsSync(from)) throw new Error(`COPY ${source}: there is no such file.`);
  const rules = parseIgnore(readFileSync(path.join(root, ".dockerignore"), "utf8"));
  const isFolder = statSync(from).isDirectory();
  const files = isFolder ? filesIn(from).map((file) => path.join(source, file)) : [source];
  const allowed = files.filter((file) => !isIgnored(rules, file));
  if (allowed.length === 0) throw new Error(`COPY ${source}: .dockerignore leaves nothing of it.`);
  for (const file of allowed) {
    copyFile(path.join(root, file), isFolder ? path.join(target, path.relative(source, file)) : place);
  }
}

const filesIn = (folder: string) =>
  globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));

function copyFile(source: string, target: string): void {
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(source, target);
}
