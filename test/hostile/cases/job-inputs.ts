// Inputs of the job types that ship, with what does not fit them.
import { BAD_INPUT, type HostileCase, refused, submit } from "../hostile-case.ts";

const csv = (change: object) =>
  submit({ type: "csv-import", input: { file: "{{file}}", dataset: "hostile", ...change } });
const teams = (input: object) => submit({ type: "bulk-teams", input });
const exported = (change: object) => submit({ type: "data-export", input: { dataset: "contacts", ...change } });
const simple = (input: object) => submit({ type: "simple", input });
const days = (change: object) =>
  submit({ type: "day-export", input: { from: "2025-01-01", to: "2025-01-31", ...change } });
const reversed = (input: object) => submit({ type: "reverse-text", input });
const written = (input: object) => submit({ type: "file-task", input });
const ticks = (input: object) => submit({ type: "ticker", input });

export const JOB_INPUTS: readonly HostileCase[] = [
  refused("an import of no file", csv({ file: undefined }), BAD_INPUT),
  refused("an import of a path", csv({ file: "/etc/passwd" }), BAD_INPUT),
  refused("an import of a file that there is not", csv({ file: "00000000-0000-4000-8000-000000000000" }), BAD_INPUT),
  refused("an import of another job's artifact by its job", csv({ file: "{{done}}" }), BAD_INPUT),
  refused("an import of two files", csv({ file: ["{{file}}"] }), BAD_INPUT),
  refused("an import into a dataset that is a path", csv({ dataset: "../contacts" }), BAD_INPUT),
  refused("an import into a dataset with a quote", csv({ dataset: 'a"; DROP TABLE rows; --' }), BAD_INPUT),
  refused("an import into a dataset with a line end", csv({ dataset: "a\n" }), BAD_INPUT),
  refused("an import into a dataset of 65 characters", csv({ dataset: "d".repeat(65) }), BAD_INPUT),
  refused("an import with a delimiter of two characters", csv({ delimiter: ",," }), BAD_INPUT),
  refused("an import with a delimiter that is a quote", csv({ delimiter: '"' }), BAD_INPUT),
  refused("an import with a delimiter that is a line end", csv({ delimiter: "\n" }), BAD_INPUT),
  refused("an import with a delimiter that is empty", csv({ delimiter: "" }), BAD_INPUT),
  refused("an import with a date column that is a number", csv({ dateColumn: 1 }), BAD_INPUT),
  refused("an import with columns that are a list", csv({ columns: ["name"] }), BAD_INPUT),
  refused("an import with a column type that is none", csv({ columns: { name: "text" } }), BAD_INPUT),
  refused("an import that may reject less than nothing", csv({ maxRejected: -1 }), BAD_INPUT),
  refused("an import that may reject everything", csv({ maxRejected: 1e9 }), BAD_INPUT),
  refused("an import in batches of nothing", csv({ batchSize: 0 }), BAD_INPUT),
  refused("an import in batches of 5,001", csv({ batchSize: 5_001 }), BAD_INPUT),
  refused("an import of no rows a second", csv({ ratePerSecond: 0 }), BAD_INPUT),
  refused("an import of rows a second in words", csv({ ratePerSecond: "fast" }), BAD_INPUT),
  refused("an import with something else", csv({ encoding: "utf-7" }), BAD_INPUT),
  refused("teams of no file", teams({}), BAD_INPUT),
  refused("teams of a file that is an address", teams({ file: "http://evil.example/teams.csv" }), BAD_INPUT),
  refused("teams with a dataset", teams({ file: "{{file}}", dataset: "x" }), BAD_INPUT),
  refused("teams at a negative rate", teams({ file: "{{file}}", ratePerSecond: -1 }), BAD_INPUT),
  refused("an export of no dataset", exported({ dataset: undefined }), BAD_INPUT),
  refused("an export of a dataset that is a list", exported({ dataset: ["contacts"] }), BAD_INPUT),
  refused("an export of a dataset that is a path", exported({ dataset: "../../pawl" }), BAD_INPUT),
  refused("an export in a format that is none", exported({ format: "exe" }), BAD_INPUT),
  refused("an export from a day that is none", exported({ from: "2025-02-30" }), BAD_INPUT),
  refused("an export from a time", exported({ from: "2025-02-01T00:00:00Z" }), BAD_INPUT),
  refused("an export to a number", exported({ to: 20_250_201 }), BAD_INPUT),
  refused("an export that ends before it begins", exported({ from: "2025-02-02", to: "2025-02-01" }), BAD_INPUT),
  refused("an export that is raw in a word", exported({ raw: "yes" }), BAD_INPUT),
  refused(
    "ticks with a text of two lines",
    ticks({ times: 1, text: 'a\n{"level":"error","msg":"forged"}' }),
    BAD_INPUT,
  ),
  refused("ticks with a text of colours", ticks({ times: 1, text: "\u001b[31mred\u001b[0m" }), BAD_INPUT),
  refused("ticks with a text that is a number", ticks({ times: 1, text: 1 }), BAD_INPUT),
  refused("ticks with a text of 201 characters", ticks({ times: 1, text: "t".repeat(201) }), BAD_INPUT),
  refused("ticks of a time that is a list", ticks({ times: [1] }), BAD_INPUT),
  refused("an import that finds its date column in a word", csv({ detectDateColumn: "yes" }), BAD_INPUT),
  refused("ticks that end with a line of a log", ticks({ times: 1, stopText: 'a\n{"level":"error"}' }), BAD_INPUT),
  refused("no steps", simple({ steps: 0 }), BAD_INPUT),
  refused("steps in words", simple({ steps: "ten" }), BAD_INPUT),
  refused("steps of negative time", simple({ stepMs: -1 }), BAD_INPUT),
  refused("days from the 30th of February", days({ from: "2025-02-30" }), BAD_INPUT),
  refused("days that run backwards", days({ to: "2024-12-31" }), BAD_INPUT),
  refused("days to a list", days({ to: ["2025-01-31"] }), BAD_INPUT),
  refused("days of more than a day each", days({ dayMs: 86_400_001 }), BAD_INPUT),
  refused("a reversed number", reversed({ text: 12 }), BAD_INPUT),
  refused("a reversed text of more than 64 KiB", reversed({ text: "é".repeat(40_000) }), BAD_INPUT),
  refused("a reversed text and something else", reversed({ text: "a", encoding: "utf-7" }), BAD_INPUT),
  refused("a file task that is a path of two lines", written({ name: "../../a\nb" }), BAD_INPUT),
  refused("a file task without a name", written({ stepMs: 1 }), BAD_INPUT),
  refused("a file task of infinite time", written({ name: "a", stepMs: null }), BAD_INPUT),
];
