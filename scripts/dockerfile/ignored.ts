// Which files of the project a build may see: .dockerignore, where the last line that fits decides.
import path from "node:path";

export interface IgnoreRule {
  readonly isException: boolean;
  readonly pattern: RegExp;
}

export function parseIgnore(source: string): readonly IgnoreRule[] {
  return source
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ isException: line.startsWith("!"), pattern: glob(line.replace(/^!/, "")) }));
}

/** Unlike a shell's, these stars match names that begin with a dot. */
function glob(pattern: string): RegExp {
  const parts = path.posix.normalize(pattern).split(/(\*\*\/|\*|\?)/);
  const meaning: Readonly<Record<string, string>> = { "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]" };
  return new RegExp(`^${parts.map((part) => meaning[part] ?? part.replaceAll(/[.+^$()|[\]{}\\]/g, "\\$&")).join("")}$`);
}

/** Whether `file`, a path relative to the project, is left out. A rule for a folder counts for all that is in it. */
export function isIgnored(rules: readonly IgnoreRule[], file: string): boolean {
  const parts = file.split("/");
  const places = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  const last = rules.findLast(({ pattern }) => places.some((place) => pattern.test(place)));
  return last !== undefined && !last.isException;
}
