// `rejected.csv`: the records that an import put aside, as they stood in the file, each with its line and the reason.
// The two columns come first, so that a record with too many or too few fields still stands under its columns.
import { stringify } from "csv-stringify/sync";
import type { Reject } from "./import-plan.ts";

export const REJECTED_FILE = "rejected.csv";

const asCsv = (records: readonly (readonly string[])[]) =>
  stringify(
    records.map((record) => [...record]),
    { quoted_match: /[\r\n]/ },
  );

export const rejectedAsCsv = {
  header: (columns: readonly string[]): string => asCsv([["line", "reason", ...columns]]),
  rows: (rejects: readonly Reject[]): string =>
    asCsv(rejects.map(({ line, column, reason, fields }) => [String(line), `column ${column}: ${reason}`, ...fields])),
};
