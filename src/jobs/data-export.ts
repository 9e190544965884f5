// `data-export`: a dataset as a file. The file holds what was there when the job started, and it is the same file,
// byte for byte, however often the job was stopped on the way: what is written depends on the rows alone.
import { stringify } from "csv-stringify/sync";
import * as z from "zod";
import {
  type ArtifactWriter,
  defineJob,
  type JobContext,
  type Json,
  PermanentError,
  type RecordSource,
} from "../index.ts";
import type { DataStore, DatasetPicture } from "./data/data-store.ts";
import { datasetName, ratePerSecond } from "./dataset-input.ts";
import { defused } from "./formulas.ts";
import type { DatasetShape } from "./import-plan.ts";
import { day } from "./input-fields.ts";
import { exportParquet } from "./parquet-export.ts";

const bound = (title: string, description: string) =>
  day()
    .optional()
    .meta({ title, description, examples: ["2024-02-29"] });

const input = z
  .strictObject({
    dataset: datasetName(),
    from: bound(
      "From",
      "The first day, YYYY-MM-DD, by the dataset's date column. Rows without a date are left out then.",
    ),
    to: bound("To", "The last day, YYYY-MM-DD, itself included."),
    format: z.enum(["csv", "ndjson", "parquet"]).default("csv").meta({
      title: "Format",
      description: "csv, ndjson: one JSON object a line, or parquet, where each column has its type.",
    }),
    raw: z.boolean().default(false).meta({
      title: "Raw",
      description: "Leave cells that a spreadsheet would run as formulas as they are. The other formats always do.",
    }),
    ratePerSecond: ratePerSecond(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    error: "must not be before from",
    path: ["to"],
  });
type DataExportInput = z.infer<typeof input>;
type ExportJob = JobContext<DataExportInput>;

const MEDIA_TYPES: Readonly<Record<DataExportInput["format"], string>> = {
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
};
/** With a throttle, batches are small enough that rows come this many times a second, and not in bursts. */
const BATCHES_A_SECOND = 10;

/** Makes the job type `data-export` for a data store. */
export function createDataExport({ data }: { readonly data: DataStore }) {
  return defineJob({
    type: "data-export",
    title: "Export a dataset",
    description:
      "Writes the rows of a dataset, in import order, into a file to download: those that were there when the job started. " +
      "Cells that a spreadsheet would run as formulas are defused, unless raw.",
    input,
    async run(job) {
      const { dataset, from, to, format, ratePerSecond: rate } = job.input;
      const shape = checkDataset(job.input, await data.imports.shapeOf(dataset));
      const picture = pictureIn(job.cursor) ?? (await takePicture(job, data));
      const file = await job.artifact(`export.${format}`, { mediaType: MEDIA_TYPES[format] });
      const size = Math.max(
        1,
        Math.min(picture.rowsAtOnce, Math.ceil((rate ?? Number.POSITIVE_INFINITY) / BATCHES_A_SECOND)),
      );
      const rows = { file, source: data.reader.rows(picture, { from, to }), size, ratePerSecond: rate };
      if (format === "parquet") {
        const { rowsAtOnce } = picture;
        await exportParquet({ ...rows, job, columns: shape.columns, rowsAtOnce, noted: pictureAsJson(picture) });
      } else {
        await exportText(job, {
          ...rows,
          format: format === "csv" ? csvFormat(shape, job.input.raw) : ndjsonFormat(shape),
        });
      }
      const { size: bytes, sha256 } = await file.finish();
      return { rows: job.progress.done, bytes, sha256 };
    },
  });
}

function checkDataset({ dataset, from, to }: DataExportInput, shape: DatasetShape | null): DatasetShape {
  if (!shape)
    throw new PermanentError(`There is no dataset "${dataset}". Import something into it first.`, {
      code: "unknown_dataset",
    });
  if ((from !== undefined || to !== undefined) && shape.dayColumn === null) {
    throw new PermanentError(
      `The dataset "${dataset}" has no date column, so from and to cannot be used. Leave them out, or import with dateColumn.`,
      { code: "no_date_column" },
    );
  }
  return shape;
}

const EMPTY: DatasetPicture = { imports: [], rows: 0, unfinished: 0, rowsAtOnce: 1 };

/** Notes what is there, durably, before the first row is written. */
async function takePicture(job: ExportJob, data: DataStore): Promise<DatasetPicture> {
  const picture = (await data.reader.picture(job.input.dataset)) ?? EMPTY;
  if (picture.unfinished > 0) {
    job.log.warn(
      `${picture.unfinished} of the dataset's imports are not finished: the rows that they committed so far are exported.`,
    );
  }
  await job.checkpoint(pictureAsJson(picture));
  return picture;
}

const pictureAsJson = (picture: DatasetPicture) => ({
  ...picture,
  imports: picture.imports.map(({ id, rows }) => [id, rows]),
});

const storedPicture = z.object({
  imports: z.array(z.tuple([z.number(), z.number()]).transform(([id, rows]) => ({ id, rows }))),
  rows: z.number(),
  unfinished: z.number(),
  rowsAtOnce: z.number(),
});

const pictureIn = (cursor: Json): DatasetPicture | null => storedPicture.safeParse(cursor).data ?? null;

interface TextExport {
  readonly file: ArtifactWriter;
  readonly source: RecordSource<readonly string[]>;
  readonly size: number;
  readonly ratePerSecond: number | undefined;
  readonly format: TextFormat;
}

async function exportText(job: ExportJob, { file, source, format, ...options }: TextExport): Promise<void> {
  if (file.size === 0) await file.write(format.header);
  for await (const batch of job.iterate(source, options)) await file.write(format.rows(batch.items));
}

interface TextFormat {
  readonly header: string;
  readonly rows: (rows: readonly (readonly string[])[]) => string;
}

/** CSV by RFC 4180, with LF. A row of one empty cell is a pair of quotes: an empty line would be no row. */
function csvFormat({ columns }: DatasetShape, raw: boolean): TextFormat {
  const options = { quoted_match: /[\r\n]/, quoted_empty: columns.length === 1 };
  const cells = (row: readonly string[]) => row.map(raw ? (cell) => cell : defused);
  const rows = (records: readonly (readonly string[])[]) => stringify(records.map(cells), options);
  return { header: rows([columns.map((column) => column.name)]), rows };
}

function ndjsonFormat({ columns }: DatasetShape): TextFormat {
  const keys = columns.map((column) => JSON.stringify(column.name));
  const line = (row: readonly string[]) =>
    `{${keys.map((key, index) => `${key}:${JSON.stringify(row[index] ?? "")}`).join(",")}}\n`;
  return { header: "", rows: (rows) => rows.map(line).join("") };
}
