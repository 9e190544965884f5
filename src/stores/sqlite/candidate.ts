// A waiting job as claims see it, and the order in which they go.
import { integerOf, type Row, textOrNull } from "../sql/rows.ts";

/** A job that may be claimed, as far as time goes. */
export interface Candidate {
  readonly n: number;
  readonly priority: number;
  readonly availableAt: number;
  /** Its concurrency key. */
  readonly key: string | null;
}

/** From `queries.candidates`. */
export const candidateOf = (row: Row): Candidate => ({
  n: integerOf(row, "n"),
  priority: integerOf(row, "priority"),
  availableAt: integerOf(row, "available_at"),
  key: textOrNull(row, "concurrency_key"),
});

/** The highest priority goes first, then the longest available, then the oldest. */
export const inClaimOrder = (a: Candidate, b: Candidate): number =>
  b.priority - a.priority || a.availableAt - b.availableAt || a.n - b.n;
