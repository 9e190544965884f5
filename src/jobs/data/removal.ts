// Which rows of an import go next: the last ones, and the rejects when there are no rows any more, a few thousand in one
// transaction, so that nobody else waits for long.
import type { ImportState } from "./data-store.ts";

/** Deleted in a few milliseconds. */
const REMOVED_AT_ONCE = 4_000;

/** What is left of the import after the next removal. */
export function leftAfterRemoval({ rows, rejected }: ImportState): Pick<ImportState, "rows" | "rejected"> {
  return {
    rows: Math.max(0, rows - REMOVED_AT_ONCE),
    rejected: rows > 0 ? rejected : Math.max(0, rejected - REMOVED_AT_ONCE),
  };
}
