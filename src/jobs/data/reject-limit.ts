// How many records an import may put aside, and what it says when there are more.
import { PermanentError } from "../../index.ts";
import type { Reject } from "../import-plan.ts";
import { shortened, shown } from "../shown-text.ts";

/** Rejects that the error shows: the first ones of the import. */
export const SHOWN_REJECTS = 20;

export function tooManyRejected(first: readonly Reject[], maxRejected: number): PermanentError {
  const [{ line, column, reason, value } = { line: 0, column: 0, reason: "", value: "" }] = first;
  const limit = maxRejected === 0 ? "No row may be rejected" : `More than ${maxRejected} rows were rejected`;
  const found = value === "" ? "" : ` (found ${shown(value)})`;
  return new PermanentError(
    `${limit}: line ${line}, column ${column}: ${reason}${found}. Correct the file, or raise maxRejected to put such rows aside.`,
    {
      code: "row_rejected",
      details: {
        maxRejected,
        rows: first.map((reject) => ({
          line: reject.line,
          column: reject.column,
          reason: reject.reason,
          value: shortened(reject.value),
        })),
      },
    },
  );
}
