// `data-export` as Parquet. Invariant: at a checkpoint the file ends with the last row group that the place names. Rows
// that were gathered but not written by then are read again when the job goes on.
import * as z from "zod";
import type { ArtifactWriter, JobContext, Json, RecordSource, SourceEntry } from "../index.ts";
import type { DatasetColumn } from "./import-plan.ts";
import { hasTime, LOSS_WORDS, type Loss, type ParquetColumn, parquetColumn } from "./parquet-cells.ts";
import { footer, MAGIC, rowGroup } from "./parquet-file.ts";
import { createRowGroups, type Row, type RowGroups, type WrittenGroups } from "./parquet-groups.ts";
import { shown } from "./shown-text.ts";

export interface ParquetExport {
  readonly job: JobContext;
  readonly file: ArtifactWriter;
  readonly columns: readonly DatasetColumn[];
  readonly source: RecordSource<Row>;
  /** Rows to hold in memory at once, besides those of a row group. */
  readonly rowsAtOnce: number;
  /** Rows to take at once, with the throttle in mind. The file does not depend on it. */
  readonly size: number;
  readonly ratePerSecond: number | undefined;
  /** What the job's cursor holds besides. */
  readonly noted: Readonly<Record<string, Json>>;
}

/** Where the export is, besides the place of its loop. */
interface Place extends WrittenGroups {
  /** All dates were looked at. */
  readonly looked: boolean;
  /** Date columns in which a time was seen. */
  readonly timed: readonly string[];
}

const cursor = z.object({
  parquet: z.object({ looked: z.boolean(), timed: z.array(z.string()), groups: z.array(rowGroup), at: z.json() }),
});

const START: Place = { looked: false, timed: [], groups: [], at: null };

/** Writes the rows of the source into the file. */
export async function exportParquet(options: ParquetExport): Promise<void> {
  const { job, file, source, size, ratePerSecond } = options;
  const start = await lookAtDates(options, cursor.safeParse(job.cursor).data?.parquet ?? START);
  const columns = parquetColumns(options, start.timed);
  const save = (written: WrittenGroups) => savePlace(options, { ...start, ...written });
  const groups = createRowGroups({ file, columns, start, save });
  if (file.size === 0) await file.write(MAGIC);
  let isFirst = true;
  for await (const batch of job.iterate(entriesOf(source), { size, ratePerSecond })) {
    const isBehind = isFirst && groups.rows < batch.offset;
    isFirst = false;
    // Reading again takes a while. The checkpoint behind a first batch comes before that, so that crashes in quick
    // succession find each attempt a little further, and the job is not taken for their cause.
    if (isBehind) continue;
    await readUpTo(options, { groups, rows: batch.offset });
    // A checkpoint that came with a row group names it, but not yet the batch in which it ended.
    await groups.add(batch.items.slice(Math.max(0, groups.rows - batch.offset)));
  }
  await readUpTo(options, { groups, rows: job.progress.done });
  await groups.end();
  await file.write(await footer(columns, groups.written.groups));
}

/**
 * A column of dates becomes days; one in which some have a time becomes moments. Which it is has to be known before the
 * first row is written.
 */
async function lookAtDates(options: ParquetExport, start: Place): Promise<Place> {
  const { job, columns, source, rowsAtOnce } = options;
  const dates = columns.flatMap(({ name, type }, index) => (type === "date" ? [{ name, index }] : []));
  if (dates.length === 0 || start.looked) return start;
  let { timed } = start;
  job.progress.set({ message: "Looking for times among the dates" });
  for await (const { items } of job.iterate(source, { name: "dates", size: rowsAtOnce })) {
    const untimed = dates.filter(({ name }) => !timed.includes(name));
    if (untimed.length === 0) break;
    const found = untimed.filter(({ index }) => items.some((row) => hasTime(row[index] ?? "")));
    if (found.length === 0) continue;
    timed = [...timed, ...found.map(({ name }) => name)];
    await savePlace(options, { ...start, timed });
  }
  job.progress.set({ message: null });
  const looked = { ...start, timed, looked: true };
  await savePlace(options, looked);
  return looked;
}

/** The columns of the file. What a value loses is logged, for the first of each kind in a column. */
function parquetColumns({ job, columns }: ParquetExport, timed: readonly string[]): readonly ParquetColumn[] {
  return columns.map((column) => {
    const logged = new Set<Loss>();
    const onLoss = (loss: Loss, cell: string) => {
      if (logged.has(loss)) return;
      logged.add(loss);
      job.log.warn(`${shown(cell)} in column ${shown(column.name)} ${LOSS_WORDS[loss]}. So are others like it there.`);
    };
    return parquetColumn(column, { timed: timed.includes(column.name), onLoss });
  });
}

/** The same rows, each with its cursor. */
function entriesOf(source: RecordSource<Row>): RecordSource<SourceEntry<Row>> {
  return {
    total: source.total,
    async *entries(context, cursor) {
      for await (const group of source.entries(context, cursor)) {
        yield group.map((entry) => ({ item: entry, cursor: entry.cursor }));
      }
    },
  };
}

/** Gathers again what an earlier attempt had gathered: the rows between the file's last row and the loop's place. */
async function readUpTo(
  { job, source }: ParquetExport,
  { groups, rows }: { readonly groups: RowGroups; readonly rows: number },
): Promise<void> {
  if (groups.rows >= rows) return;
  for await (const entries of source.entries({ openFile: job.openFile }, groups.written.at)) {
    await groups.add(entries.slice(0, rows - groups.rows));
    if (groups.rows >= rows) return;
    await new Promise((resolve) => setImmediate(resolve));
    job.signal.throwIfAborted();
  }
}

function savePlace({ job, noted }: ParquetExport, { looked, timed, groups, at }: Place): Promise<void> {
  return job.checkpoint({
    ...noted,
    parquet: { looked, timed, groups: groups.map(({ rows, chunks }) => ({ rows, chunks })), at },
  });
}
