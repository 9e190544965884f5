// `csv-import`: the rows of a CSV file into a dataset, each exactly once. Rows and cursor are committed in one
// transaction of the data store, so wherever the job dies, it goes on with the next row; undone, exactly its own rows
// are gone.
import * as z from "zod";
import {
  type CsvHeader,
  countCsvRecords,
  csvRecords,
  defineJob,
  fileRef,
  type JobContext,
  type Json,
  PermanentError,
  readCsvHeader,
} from "../index.ts";
import { CELL_TYPES } from "./cell-types.ts";
import type { DataStore, ImportState } from "./data/data-store.ts";
import { datasetName, ratePerSecond } from "./dataset-input.ts";
import { type ColumnWishes, createSorter, detectDateColumn, type ImportPlan, planImport } from "./import-plan.ts";
import { REJECTED_FILE, rejectedAsCsv } from "./rejected-file.ts";

const MAX_BATCH = 5_000;

const input = z.strictObject({
  file: fileRef().meta({
    title: "CSV file",
    description: "The id of the uploaded file: CSV in UTF-8 whose first line names the columns.",
  }),
  dataset: datasetName(),
  delimiter: z
    .string()
    .regex(/^(?:tab|[^"\r\n])$/u, { error: 'must be one character other than a quote or a line end, or "tab"' })
    .optional()
    .meta({
      title: "Delimiter",
      description: 'What stands between fields: one character, or "tab". Default: detected.',
      examples: [",", ";", "tab"],
    }),
  dateColumn: z.string().min(1).optional().meta({
    title: "Date column",
    description: "The column that an export's from and to go by. Default: the first column of type date.",
  }),
  detectDateColumn: z.boolean().default(false).meta({
    title: "Detect the date column",
    description:
      "At the first import into a dataset, and without a date column in the input: the first column that holds a date in the first row becomes it.",
  }),
  columns: z
    .record(z.string().min(1), z.enum(CELL_TYPES))
    .optional()
    .meta({
      title: "Column types",
      description:
        "Types of columns by name: string (default), integer, number, boolean, date. A row that does not fit is rejected. An empty cell always fits.",
      examples: [{ age: "integer", joined: "date" }],
    }),
  maxRejected: z.int().min(0).max(1_000_000).default(0).meta({
    title: "Rows to reject at most",
    description: "So many rows that do not fit are put aside in rejected.csv; one more fails the import and undoes it.",
  }),
  batchSize: z.int().min(1).max(MAX_BATCH).default(1_000).meta({
    title: "Batch size",
    description: "Rows that are committed together, at most. Wide rows make smaller batches.",
  }),
  ratePerSecond: ratePerSecond(),
});
type CsvImportInput = z.infer<typeof input>;

/** Bytes of file that a batch holds on average, so that wide rows neither fill the memory nor hold up others. */
const BATCH_BYTES = 512 * 1024;
/** With a throttle, batches are small enough that rows come this many times a second, and not in bursts. */
const BATCHES_A_SECOND = 10;
const REJECTS_AT_ONCE = 1_000;

/** Makes the job type `csv-import` for a data store. */
export function createCsvImport({ data }: { readonly data: DataStore }) {
  return defineJob({
    type: "csv-import",
    title: "Import a CSV file",
    description:
      "Puts the rows of a CSV file into a dataset, each exactly once. The first import fixes the dataset's columns; later ones must have the same, in any order. " +
      "One unfinished import per dataset. An import that fails or is cancelled is undone: none of its rows stay.",
    input,
    exclusive: ({ dataset }) => `csv-import:${dataset}`,
    onFailure: "rollback",
    async run(job) {
      await removeEarlierRun(job, data);
      const begun = await begin(job, data);
      await importRows(job, data, begun);
      const { id, rows, rejected } = await current(data, job.id);
      if (rejected > 0) await writeRejected(job, data, { importId: id, header: begun.header });
      await job.effects(data.target, (imports) => imports.finish(id));
      return { rows, rejected };
    },
    rollback: (job) => removeImport(job, data),
  });
}

type ImportJob = JobContext<CsvImportInput>;

interface Begun {
  readonly header: readonly string[];
  readonly plan: ImportPlan;
  readonly delimiter: string;
  readonly state: ImportState;
}

/** Checks the header and enters the import, or finds it entered. */
async function begin(job: ImportJob, data: DataStore): Promise<Begun> {
  const { file, dataset } = job.input;
  const given = job.input.delimiter === "tab" ? "\t" : job.input.delimiter;
  const header = await readCsvHeader(job, file, { delimiter: given });
  const { delimiter } = header;
  const shape = await data.imports.shapeOf(dataset);
  const plan = planImport(header, shape, shape ? job.input : await wishesOf(job, header));
  const state =
    (await data.imports.find(job.id)) ??
    (await enter(job, data, { plan, total: await countCsvRecords(job, file, { delimiter }) }));
  return { header: header.columns, plan, delimiter, state };
}

/** What the input says of the columns, and what the first record adds to it. The same file always gives the same. */
async function wishesOf(job: ImportJob, { columns, delimiter }: CsvHeader): Promise<ColumnWishes> {
  if (!job.input.detectDateColumn) return job.input;
  for await (const [first] of csvRecords(job.input.file, { delimiter }).entries(job, null)) {
    if (first) return { ...job.input, dateColumn: detectDateColumn(columns, first.item, job.input) };
  }
  return job.input;
}

function enter(
  job: ImportJob,
  data: DataStore,
  { plan, total }: { readonly plan: ImportPlan; readonly total: number },
): Promise<ImportState> {
  const shape = { columns: plan.columns, dayColumn: plan.dayColumn };
  return job.effects(data.target, (imports) =>
    imports.begin({ jobId: job.id, run: job.run, dataset: job.input.dataset, shape, total }),
  );
}

async function importRows(job: ImportJob, data: DataStore, { plan, delimiter, state }: Begun): Promise<void> {
  const { file, maxRejected, ratePerSecond: rate } = job.input;
  const sort = createSorter(plan);
  const size = await batchSize(job, state.total);
  const records = csvRecords(file, { delimiter, total: state.total });
  for await (const batch of job.iterate(records, { size, target: data.target, ratePerSecond: rate })) {
    const { rows, rejects } = sort(batch.items);
    await batch.commit(data.target, (imports) => imports.add({ importId: state.id, rows, rejects, maxRejected }));
  }
}

async function batchSize(job: ImportJob, total: number): Promise<number> {
  const { size } = await job.openFile(job.input.file);
  const fitting = Math.floor((BATCH_BYTES * Math.max(1, total)) / Math.max(1, size));
  const smooth = Math.ceil((job.input.ratePerSecond ?? Number.POSITIVE_INFINITY) / BATCHES_A_SECOND);
  return Math.max(1, Math.min(job.input.batchSize, fitting, smooth));
}

interface RejectedFile {
  readonly importId: number;
  readonly header: readonly string[];
}

/** Writes the rejects that the transactions put aside, each once: cursor and file go back to the same checkpoint. */
async function writeRejected(job: ImportJob, data: DataStore, { importId, header }: RejectedFile): Promise<void> {
  const file = await job.artifact(REJECTED_FILE, { mediaType: "text/csv; charset=utf-8" });
  let written = countIn(job.cursor, "written");
  if (file.size === 0) await file.write(rejectedAsCsv.header(header));
  for (;;) {
    const rejects = await data.imports.rejects(importId, { after: written, limit: REJECTS_AT_ONCE });
    if (rejects.length === 0) break;
    await file.write(rejectedAsCsv.rows(rejects));
    written += rejects.length;
    await job.checkpoint({ written });
  }
  await file.finish();
}

/** A number that an earlier checkpoint of this job noted, 0 when it did not. */
function countIn(cursor: Json, name: "written" | "removing"): number {
  return z.record(z.string(), z.number()).safeParse(cursor).data?.[name] ?? 0;
}

async function current(data: DataStore, jobId: string): Promise<ImportState> {
  const state = await data.imports.find(jobId);
  if (!state)
    throw new PermanentError("The import's rows were removed while it ran. Run the job again from the start.", {
      code: "dataset_changed",
    });
  return state;
}

/** A retry from the start finds the rows of the run before it: they go first, so that none is there twice. */
async function removeEarlierRun(job: ImportJob, data: DataStore): Promise<void> {
  const earlier = await data.imports.find(job.id);
  if (earlier && earlier.run !== job.run) await removeImport(job, data);
}

/** Removes what is there of this job, a few thousand rows at a time. */
async function removeImport(job: ImportJob, data: DataStore): Promise<void> {
  const found = await data.imports.find(job.id);
  let left = found ? found.rows + found.rejected : 0;
  const total = Math.max(left, countIn(job.cursor, "removing"));
  do {
    job.progress.set({ done: total - left, total, unit: "rows" });
    await job.checkpoint({ removing: total });
    left = await job.effects(data.target, (imports) => imports.removeSome(job.id));
  } while (left > 0);
  job.progress.set({ done: total, total, unit: "rows" });
}
