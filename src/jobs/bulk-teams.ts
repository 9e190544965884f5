// `bulk-teams`: one team per row of a CSV file, in a system that knows no transactions with ours. What it is about to make
// is written into the journal first, so that whatever was made, and nothing else, can be undone, newest first.
import * as z from "zod";
import {
  type CsvRecord,
  countCsvRecords,
  csvRecords,
  defineJob,
  fileRef,
  type JobContext,
  PermanentError,
  readCsvHeader,
} from "../index.ts";
import type { DataStore } from "./data/data-store.ts";
import { ratePerSecond } from "./dataset-input.ts";
import { planImport } from "./import-plan.ts";
import { shown, shownNames } from "./shown-text.ts";

const NAME = "name";
const NAME_MAX = 200;
/** Rows whose journal entries are one write. */
const MAX_BATCH = 200;
/** With a throttle, batches are small enough that teams come this many times a second, and not in bursts. */
const BATCHES_A_SECOND = 10;

const input = z.strictObject({
  file: fileRef().meta({
    title: "CSV file",
    description: "The id of the uploaded file: CSV in UTF-8 whose first line names the columns, one of them `name`.",
  }),
  ratePerSecond: ratePerSecond(),
});

/** What an entry of the journal says: the line that a team was made from. */
const entry = z.object({ line: z.int() });

/** Makes the job type `bulk-teams` for a data store. */
export function createBulkTeams({ data }: { readonly data: DataStore }) {
  return defineJob({
    type: "bulk-teams",
    title: "Create many teams",
    description:
      "Creates one team per row of a CSV file with a `name` column; other columns are kept. Names are unique. " +
      "A job that fails or is cancelled is undone: none of its teams stay.",
    input,
    onFailure: "rollback",
    async run(job) {
      const { columns, delimiter } = await headerOf(job);
      const total = await countCsvRecords(job, job.input.file, { delimiter });
      const records = csvRecords(job.input.file, { delimiter, total });
      const options = { size: batchSize(job.input.ratePerSecond), ratePerSecond: job.input.ratePerSecond };
      for await (const batch of job.iterate(records, options)) {
        const teams = batch.items.map((record) => teamOf(record, columns));
        await job.journal(teams.map(({ line }) => ({ line })));
        for (const { line, ...team } of teams) await data.teams.create({ jobId: job.id, line }, team);
      }
      return { created: job.progress.done };
    },
    async undo(job, made) {
      await data.teams.remove({ jobId: job.id, line: entry.parse(made).line });
    },
  });
}

type TeamsJob = JobContext<z.infer<typeof input>>;

async function headerOf(job: TeamsJob) {
  const header = await readCsvHeader(job, job.input.file, {});
  planImport(header, null, {});
  if (!header.columns.includes(NAME)) {
    throw new PermanentError(
      `The file has no column "${NAME}". Its columns: ${shownNames(header.columns)}. Correct line ${header.line}.`,
      { code: "unknown_column", details: { missing: NAME, line: header.line } },
    );
  }
  return header;
}

function batchSize(rate: number | undefined): number {
  return Math.max(1, Math.min(MAX_BATCH, Math.ceil((rate ?? Number.POSITIVE_INFINITY) / BATCHES_A_SECOND)));
}

function teamOf({ line, fields, problem }: CsvRecord, columns: readonly string[]) {
  if (problem) throw rejected(line, `column ${problem.column}: ${problem.reason}`);
  const values = Object.fromEntries(columns.map((column, index) => [column, fields[index] ?? ""]));
  const name = fields[columns.indexOf(NAME)]?.trim() ?? "";
  if (name === "") throw rejected(line, "the team has no name");
  if (name.length > NAME_MAX) throw rejected(line, `the name ${shown(name)} is longer than ${NAME_MAX} characters`);
  return { line, name, values };
}

const rejected = (line: number, why: string) =>
  new PermanentError(`Line ${line}: ${why}. Correct that line, and submit the file again.`, {
    code: "row_rejected",
    details: { line },
  });
