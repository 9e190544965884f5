// Finds what a person probably meant to write.

/** More differences than this are no typing mistake. */
const MOST_EDITS = 3;

/**
 * The candidate that differs least from `word`, or `null` when none is close.
 *
 * @example
 * nearest("PAWL_PROT", ["PAWL_PORT", "PAWL_HOST"]); // "PAWL_PORT"
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(word, candidate) }))
    .sort((one, other) => one.edits - other.edits);
  const best = ranked[0];
  return best && best.edits <= MOST_EDITS ? best.candidate : null;
}

/** Levenshtein's distance: how many letters have to be inserted, deleted or replaced. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
