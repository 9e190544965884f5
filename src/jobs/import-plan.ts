// How the columns of a file become the columns of a dataset, and which records do not fit. The first import fixes the
// dataset's columns; every later one must name the same, in any order.
import { type CsvRecord, PermanentError } from "../index.ts";
import { CELL_TYPE_WORDS, type CellType, dayOf, fitsType } from "./cell-types.ts";

export interface DatasetColumn {
  readonly name: string;
  readonly type: CellType;
}

/** What a dataset's rows look like. */
export interface DatasetShape {
  readonly columns: readonly DatasetColumn[];
  /** The column that `from` and `to` of an export go by. */
  readonly dayColumn: string | null;
}

export interface ImportPlan extends DatasetShape {
  /** For each column of the dataset, its index in the file. */
  readonly order: readonly number[];
}

/** What the input of an import says of the columns. */
export interface ColumnWishes {
  readonly columns?: Readonly<Record<string, CellType>>;
  readonly dateColumn?: string;
}

const MAX_COLUMNS = 2_000;

/** Plans the import of a file with this header. Throws a `PermanentError` that names the columns which do not fit. */
export function planImport(header: readonly string[], dataset: DatasetShape | null, wishes: ColumnWishes): ImportPlan {
  checkHeader(header);
  checkWishes(header, wishes);
  if (dataset) checkSameColumns(header, dataset);
  const names = dataset ? dataset.columns.map((column) => column.name) : header;
  const columns = names.map((name): DatasetColumn => ({ name, type: typeOf(name, dataset, wishes) }));
  const dayColumn = dataset
    ? sameDayColumn(dataset, wishes)
    : (wishes.dateColumn ?? columns.find((column) => column.type === "date")?.name ?? null);
  return { columns, dayColumn, order: names.map((name) => header.indexOf(name)) };
}

function checkHeader(header: readonly string[]): void {
  if (header.length > MAX_COLUMNS) throw badHeader(`it names ${header.length} columns; ${MAX_COLUMNS} is the limit`);
  const seen = new Map<string, number>();
  for (const [index, name] of header.entries()) {
    if (name.trim() === "") throw badHeader(`column ${index + 1} has no name`, index + 1);
    const earlier = seen.get(name);
    if (earlier !== undefined)
      throw badHeader(`columns ${earlier} and ${index + 1} are both named "${name}"`, index + 1);
    seen.set(name, index + 1);
  }
}

function badHeader(what: string, column?: number): PermanentError {
  return new PermanentError(
    `The header of the file cannot be used: ${what}. Correct the first line, or name the delimiter.`,
    {
      code: "bad_header",
      details: column === undefined ? null : { column },
    },
  );
}

function checkWishes(header: readonly string[], { columns, dateColumn }: ColumnWishes): void {
  const named = [...Object.keys(columns ?? {}), ...(dateColumn === undefined ? [] : [dateColumn])];
  const unknown = named.filter((name) => !header.includes(name));
  if (unknown.length > 0) {
    throw new PermanentError(`The file has no column ${quoted(unknown)}. Its columns: ${quoted(header)}.`, {
      code: "unknown_column",
      details: { unknown },
    });
  }
}

function checkSameColumns(header: readonly string[], { columns }: DatasetShape): void {
  const missing = columns.map((column) => column.name).filter((name) => !header.includes(name));
  const extra = header.filter((name) => !columns.some((column) => column.name === name));
  if (missing.length === 0 && extra.length === 0) return;
  const parts = [missing.length > 0 && `lacks ${quoted(missing)}`, extra.length > 0 && `also has ${quoted(extra)}`];
  throw new PermanentError(
    `The file's columns are not those of the dataset: it ${parts.filter(Boolean).join(" and ")}. Correct the header, or use another dataset.`,
    { code: "columns_differ", details: { missing, extra } },
  );
}

function typeOf(name: string, dataset: DatasetShape | null, { columns, dateColumn }: ColumnWishes): CellType {
  const fixed = dataset?.columns.find((column) => column.name === name)?.type ?? "string";
  const wanted = columns && Object.hasOwn(columns, name) ? columns[name] : undefined;
  const type = wanted ?? (name === dateColumn && fixed === "string" ? "date" : fixed);
  if (fixed !== "string" && type !== fixed) {
    throw differs(
      name,
      `The dataset's column "${name}" is of type ${fixed}, fixed by its first import; this import says ${type}.`,
    );
  }
  if (name === dateColumn && type !== "date")
    throw differs(name, `The date column "${name}" must be of type date, not ${type}.`);
  return type;
}

const differs = (column: string, message: string) =>
  new PermanentError(message, { code: "columns_differ", details: { column } });

function sameDayColumn({ dayColumn }: DatasetShape, { dateColumn }: ColumnWishes): string | null {
  if (dateColumn === undefined || dateColumn === dayColumn) return dayColumn;
  const stands = dayColumn === null ? "none" : `"${dayColumn}"`;
  throw differs(
    dateColumn,
    `The dataset's date column is ${stands}, fixed by its first import; this import names "${dateColumn}". Leave dateColumn out, or use another dataset.`,
  );
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");

/** A row as it goes into the dataset. */
export interface PlannedRow {
  readonly line: number;
  readonly day: string | null;
  readonly values: readonly string[];
}

/** A record that does not fit. */
export interface Reject {
  readonly line: number;
  /** From 1, in the file. */
  readonly column: number;
  readonly reason: string;
  readonly value: string;
  readonly fields: readonly string[];
}

export interface SortedRecords {
  readonly rows: readonly PlannedRow[];
  readonly rejects: readonly Reject[];
}

/** Makes the function that tells the rows of a batch from the rejects. */
export function createSorter({
  columns,
  dayColumn,
  order,
}: ImportPlan): (records: readonly CsvRecord[]) => SortedRecords {
  const inPlace = order.every((from, to) => from === to);
  const checked = columns
    .map((column, index) => ({ ...column, from: order[index] ?? 0 }))
    .filter((column) => column.type !== "string");
  const dayIndex = order[columns.findIndex((column) => column.name === dayColumn)];

  const rejectOf = ({ line, fields, problem }: CsvRecord): Reject | null => {
    if (problem) return { line, fields, ...problem, value: fields[problem.column - 1] ?? "" };
    for (const { name, type, from } of checked) {
      const value = fields[from] ?? "";
      if (!fitsType(value, type))
        return { line, fields, column: from + 1, reason: `"${name}" must be ${CELL_TYPE_WORDS[type]}`, value };
    }
    return null;
  };
  const rowOf = ({ line, fields }: CsvRecord): PlannedRow => ({
    line,
    day: dayIndex === undefined ? null : dayOf(fields[dayIndex] ?? ""),
    values: inPlace ? fields : order.map((from) => fields[from] ?? ""),
  });

  return (records) => {
    const rows: PlannedRow[] = [];
    const rejects: Reject[] = [];
    for (const record of records) {
      const reject = rejectOf(record);
      if (reject) rejects.push(reject);
      else rows.push(rowOf(record));
    }
    return { rows, rejects };
  };
}
