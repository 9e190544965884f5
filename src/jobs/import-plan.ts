// How the columns of a file become the columns of a dataset, and which records do not fit. The first import fixes the
// dataset's columns; every later one must name the same, in any order.
import { type CsvHeader, type CsvRecord, PermanentError } from "../index.ts";
import { CELL_TYPE_WORDS, type CellType, dayOf, fitsType } from "./cell-types.ts";
import { firstNames, shown, shownNames } from "./shown-text.ts";

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

/** The names of a file's columns, and the line that they stand in. */
export type FileHeader = Pick<CsvHeader, "columns" | "line">;

const MAX_COLUMNS = 2_000;

/** Plans the import of a file with this header. Throws a `PermanentError` that names the columns which do not fit. */
export function planImport(file: FileHeader, dataset: DatasetShape | null, wishes: ColumnWishes): ImportPlan {
  checkHeader(file);
  checkWishes(file, wishes);
  if (dataset) checkSameColumns(file, dataset);
  const names = dataset ? dataset.columns.map((column) => column.name) : file.columns;
  const columns = names.map((name): DatasetColumn => ({ name, type: typeOf(name, dataset, wishes) }));
  const dayColumn = dataset
    ? sameDayColumn(dataset, wishes)
    : (wishes.dateColumn ?? columns.find((column) => column.type === "date")?.name ?? null);
  return { columns, dayColumn, order: names.map((name) => file.columns.indexOf(name)) };
}

/** Finds the date column that the input leaves open: the first whose cell in this record is a date. */
export function detectDateColumn(
  columns: readonly string[],
  { fields }: CsvRecord,
  { columns: types = {}, dateColumn }: ColumnWishes,
): string | undefined {
  if (dateColumn !== undefined || Object.values(types).includes("date")) return dateColumn;
  return columns.find((name, index) => !Object.hasOwn(types, name) && dayOf(fields[index] ?? "") !== null);
}

function checkHeader(header: FileHeader): void {
  const { columns } = header;
  if (columns.length > MAX_COLUMNS)
    throw badHeader(header, { what: `it names ${columns.length} columns; ${MAX_COLUMNS} is the limit` });
  const seen = new Map<string, number>();
  for (const [index, name] of columns.entries()) {
    const column = index + 1;
    if (name.trim() === "") throw badHeader(header, { what: `column ${column} has no name`, column });
    const earlier = seen.get(name);
    if (earlier !== undefined)
      throw badHeader(header, { what: `columns ${earlier} and ${column} are both named ${shown(name)}`, column });
    seen.set(name, column);
  }
}

interface HeaderFault {
  readonly what: string;
  readonly column?: number;
}

function badHeader({ line }: FileHeader, { what, column }: HeaderFault): PermanentError {
  return new PermanentError(
    `The header in line ${line} cannot be used: ${what}. Correct that line, or say which delimiter the file has.`,
    { code: "bad_header", details: { line, column } },
  );
}

function checkWishes(header: FileHeader, { columns, dateColumn }: ColumnWishes): void {
  const named = [...Object.keys(columns ?? {}), ...(dateColumn === undefined ? [] : [dateColumn])];
  const unknown = named.filter((name) => !header.columns.includes(name));
  if (unknown.length > 0) {
    throw new PermanentError(
      `The file has no column ${shownNames(unknown)}. Its columns: ${shownNames(header.columns)}. Correct the names in the input, or in line ${header.line}.`,
      { code: "unknown_column", details: { unknown: firstNames(unknown) } },
    );
  }
}

function checkSameColumns(header: FileHeader, { columns }: DatasetShape): void {
  const missing = columns.map((column) => column.name).filter((name) => !header.columns.includes(name));
  const extra = header.columns.filter((name) => !columns.some((column) => column.name === name));
  if (missing.length === 0 && extra.length === 0) return;
  const parts = [
    missing.length > 0 && `lacks ${shownNames(missing)}`,
    extra.length > 0 && `also has ${shownNames(extra)}`,
  ];
  throw new PermanentError(
    `The file's columns are not those of the dataset: it ${parts.filter(Boolean).join(" and ")}. Correct line ${header.line}, or use another dataset.`,
    { code: "columns_differ", details: { missing: firstNames(missing), extra: firstNames(extra) } },
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
        return { line, fields, column: from + 1, reason: `${shown(name)} must be ${CELL_TYPE_WORDS[type]}`, value };
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
