// What looks wrong in the head of a CSV file, in words, before a job is started: columns that hold something else than their
// name, their chosen type or the dataset says, columns that look swapped, records that do not fit their header.
import { type CellType, fitsType } from "../../../../src/jobs/cell-types.ts";
import { count, plural } from "../../../format/number.ts";
import type { Kind } from "./cell-kinds.ts";
import { type ColumnLook, lookOf, promisedBy, suggestedType } from "./column-look.ts";
import type { CsvHead } from "./csv-reader.ts";
import { shownCell } from "./shown-cell.ts";

/** `refused`: the server will not take it. `suspect`: it would, and it is likely not what was meant. */
export type Severity = "refused" | "suspect";

export interface Finding {
  readonly severity: Severity;
  readonly text: string;
}

export interface PreviewColumn {
  readonly name: string;
  readonly index: number;
  readonly type: CellType;
  /** A better type than text, where none was chosen. */
  readonly suggestion: CellType | null;
  readonly findings: readonly Finding[];
}

export interface Preview {
  readonly columns: readonly PreviewColumn[];
  /** Of the file as a whole. */
  readonly findings: readonly Finding[];
}

/** What is known of where the rows go. */
export interface Destination {
  /** Names that the header has to have. */
  readonly needed?: readonly string[];
  /** Types as chosen, by name of column. */
  readonly types?: Readonly<Record<string, CellType>>;
  /** The column that the rows' days stand in: of type date, where no other is chosen. */
  readonly dateColumn?: string;
  /** Columns of the dataset that is there already. */
  readonly existing?: { readonly name: string; readonly columns: readonly string[] } | undefined;
  /** Cells that it holds, by name of column. */
  readonly samples?: Readonly<Record<string, readonly string[]>>;
}

interface Judged {
  readonly name: string;
  readonly index: number;
  readonly type: CellType;
  readonly cells: readonly string[];
  readonly look: ColumnLook;
  /** What it should hold, by its name. */
  readonly promise: Kind | "text" | null;
}

export function examine(head: CsvHead, destination: Destination): Preview {
  const names = head.header?.fields ?? [];
  const types = destination.types ?? {};
  const columns = names.map((name, index): Judged => {
    const cells = head.rows.map(({ fields }) => fields[index] ?? "");
    const standard = name === destination.dateColumn ? "date" : "string";
    const type = (Object.hasOwn(types, name) && types[name]) || standard;
    return { name, index, type, cells, look: lookOf(cells), promise: promisedBy(name) };
  });
  return {
    columns: columns.map((column) => ({
      name: column.name,
      index: column.index,
      type: column.type,
      suggestion: column.type === "string" && !isBroken(column) ? suggestedType(column.cells, column.look) : null,
      findings: columnFindings(column, head, destination),
    })),
    findings: [...headerFindings(head, names, destination), ...swaps(columns), ...rowFindings(head)],
  };
}

const WORDS: Readonly<Record<Kind | "text", string>> = {
  email: "e-mail addresses",
  url: "web addresses",
  date: "dates",
  phone: "phone numbers",
  boolean: "yes or no",
  number: "numbers",
  text: "text",
};

const suspect = (text: string): Finding => ({ severity: "suspect", text });
const refused = (text: string): Finding => ({ severity: "refused", text });

function columnFindings(column: Judged, head: CsvHead, { samples = {} }: Destination): readonly Finding[] {
  const found: Finding[] = [];
  if (isBroken(column)) found.push(suspect(brokenPromise(column)));
  const known = Object.hasOwn(samples, column.name) ? lookOf(samples[column.name] ?? []).look : "empty";
  if (found.length === 0 && isKind(known) && isOther(column.look, known)) {
    found.push(suspect(`These look like ${wordsOf(column.look)}. In the dataset this column holds ${WORDS[known]}.`));
  }
  const misfit = misfits(column, head, found.length > 0);
  if (misfit !== null) found.push(refused(misfit));
  return found;
}

const isKind = (look: ColumnLook["look"]): look is Kind | "text" => look !== "mixed" && look !== "empty";

/** Whether a column looks like something, and not like `kind`. */
const isOther = ({ look, kinds }: ColumnLook, kind: Kind | "text"): boolean => isKind(look) && !kinds.includes(kind);

const wordsOf = ({ look }: ColumnLook): string => (isKind(look) ? WORDS[look] : "several things");

/** Whether it holds something else than its name promises. Names of things may be numbers. */
function isBroken({ look, promise }: Judged): boolean {
  if (promise === null || promise === "boolean" || look.filled === 0) return false;
  if (promise === "text") return isKind(look.look) && !["text", "number", "boolean"].includes(look.look);
  return !look.kinds.includes(promise);
}

function brokenPromise({ look, promise }: Judged): string {
  const wanted = promise === null ? "text" : promise;
  return isKind(look.look) && look.look !== "text"
    ? `These look like ${WORDS[look.look]}, not ${WORDS[wanted]}.`
    : `Most of these do not look like ${WORDS[wanted]}.`;
}

const TYPE_WORDS: Readonly<Record<CellType, string>> = {
  string: "text",
  integer: "whole numbers",
  number: "numbers such as 3.25",
  boolean: "true or false",
  date: "dates such as 2024-02-29",
};

/** The rows that the chosen type refuses. */
function misfits({ cells, type, look }: Judged, { rows }: CsvHead, isLookSaid: boolean): string | null {
  const at = cells.findIndex((cell) => !fitsType(cell, type));
  if (at < 0) return null;
  const wrong = cells.filter((cell) => !fitsType(cell, type)).length;
  const line = count(rows[at]?.line ?? 0);
  const seen =
    !isLookSaid &&
    isOther(look, type === "integer" ? "number" : type === "string" ? "text" : type) &&
    look.look !== "text"
      ? ` They look like ${wordsOf(look)}.`
      : "";
  return `${plural(wrong, "cell")} of ${count(cells.length)} ${wrong === 1 ? "is" : "are"} refused, the first in line ${line}: not ${TYPE_WORDS[type]}.${seen}`;
}

function headerFindings({ header, openQuote }: CsvHead, names: readonly string[], to: Destination): readonly Finding[] {
  if (openQuote !== null) return [refused(`The quote that begins in line ${count(openQuote)} is never closed.`)];
  if (header === null) return [refused("The file is empty. Its first line has to name the columns.")];
  const found: Finding[] = [];
  if (header.problem !== null)
    found.push(refused(`The header in line ${header.line} cannot be read: ${header.problem}.`));
  const nameless = names.findIndex((name) => name.trim() === "");
  if (nameless >= 0) found.push(refused(`Column ${nameless + 1} has no name.`));
  const twice = names.find((name, index) => name.trim() !== "" && names.indexOf(name) !== index);
  if (twice !== undefined) found.push(refused(`Two columns are named ${quoted(twice)}.`));
  const data = names.find((name) => lookOf([name]).kinds.some((kind) => kind !== "text" && kind !== "boolean"));
  if (data !== undefined)
    found.push(suspect(`The first line should name the columns, and holds ${quoted(data)}: is the header missing?`));
  return [...found, ...missingFindings(names, to)];
}

function missingFindings(names: readonly string[], to: Destination): readonly Finding[] {
  const found: Finding[] = [];
  const lacking = (to.needed ?? []).filter((name) => !names.includes(name));
  if (lacking.length > 0) found.push(refused(`The file has no column ${list(lacking)}.`));
  const typed = Object.keys(to.types ?? {}).filter((name) => !names.includes(name));
  if (typed.length > 0) found.push(refused(`A type is chosen for ${list(typed)}, and the file has no such column.`));
  const { dateColumn = "" } = to;
  if (dateColumn !== "" && !names.includes(dateColumn))
    found.push(refused(`The date column is ${quoted(dateColumn)}, and the file has no such column.`));
  if (!to.existing) return found;
  const { name, columns } = to.existing;
  const missing = columns.filter((column) => !names.includes(column));
  const extra = names.filter((column) => !columns.includes(column));
  if (missing.length === 0 && extra.length === 0) return found;
  const parts = [missing.length > 0 && `lacks ${list(missing)}`, extra.length > 0 && `also has ${list(extra)}`];
  const text = `The columns are not those of the dataset ${quoted(name)}: the file ${parts.filter(Boolean).join(" and ")}.`;
  return [...found, refused(text)];
}

/** Pairs of columns of which each holds what the other should. */
function swaps(columns: readonly Judged[]): readonly Finding[] {
  const broken = columns.filter(isBroken);
  const holds = ({ look }: Judged, { promise }: Judged) => promise !== null && look.kinds.includes(promise);
  return broken.flatMap((one, index) =>
    broken
      .slice(index + 1)
      .filter((other) => holds(one, other) && holds(other, one))
      .map((other) =>
        suspect(`${quoted(one.name)} and ${quoted(other.name)} look swapped: each holds what the other should.`),
      ),
  );
}

function rowFindings({ rows }: CsvHead): readonly Finding[] {
  const odd = rows.filter(({ problem }) => problem !== null);
  const [first] = odd;
  if (!first) return [];
  const what = `Line ${count(first.line)}: ${first.problem}.`;
  return [refused(odd.length === 1 ? what : `${what} ${plural(odd.length - 1, "more line")} like it.`)];
}

const NAMES_SHOWN = 5;
const NAME_LENGTH = 40;

function quoted(name: string): string {
  const shown = shownCell(name);
  return `“${shown.length > NAME_LENGTH ? `${shown.slice(0, NAME_LENGTH)}…` : shown}”`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map(quoted).join(", ");
  return names.length > NAMES_SHOWN ? `${shown} and ${count(names.length - NAMES_SHOWN)} more` : shown;
}
