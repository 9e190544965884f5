// The first rows of a CSV file: a table, or on a phone a card for each column.
import { useId } from "react";
import { fitsType } from "../../../../src/jobs/cell-types.ts";
import { count, plural } from "../../../format/number.ts";
import { classes } from "../../../parts/class-names.ts";
import { useForm } from "../form-view.ts";
import type { CsvHead, CsvRow } from "./csv-reader.ts";
import { FindingText } from "./finding-text.tsx";
import type { PreviewColumn } from "./preview-findings.ts";
import { shownCell } from "./shown-cell.ts";

const ROWS = 20;
/** A table of two thousand columns would help nobody: beyond these, only marked ones are shown. */
const COLUMNS = 40;
const MARKED_COLUMNS = 100;
const CARD_CELLS = 3;

interface PreviewTableProps {
  readonly head: CsvHead;
  readonly columns: readonly PreviewColumn[];
}

export function PreviewTable({ head, columns }: PreviewTableProps) {
  const shown = columns
    .filter(({ index, findings }) => index < COLUMNS || findings.length > 0)
    .slice(0, MARKED_COLUMNS);
  const rows = head.rows.slice(0, ROWS);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard. */}
      <section aria-label="First rows" tabIndex={0} className="relative overflow-x-auto max-sm:hidden">
        <table className="w-max min-w-full border-separate border-spacing-0 text-left text-sm">
          <caption className="sr-only">The first {plural(rows.length, "row")} of the file</caption>
          <thead>
            <tr className="align-top">
              <th
                scope="col"
                className={classes(
                  headClasses,
                  "sticky left-0 z-[5] bg-surface text-right font-normal text-muted text-xs",
                )}
              >
                Line
              </th>
              {shown.map((column) => (
                <th key={column.index} scope="col" className={classes(headClasses, markOf(column))}>
                  <ColumnHead column={column} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.line} row={row} columns={shown} />
            ))}
          </tbody>
        </table>
      </section>
      <ul className="m-0 list-none p-0 sm:hidden">
        {shown.map((column) => (
          <li key={column.index} className={classes("border-line border-b p-4 last:border-b-0", markOf(column))}>
            <ColumnCard column={column} rows={rows} />
          </li>
        ))}
      </ul>
      <p className="figures m-0 border-line border-t px-4 py-2 text-muted text-xs">{moreText(head, columns, shown)}</p>
    </>
  );
}

const headClasses = "px-3 py-2";

function markOf({ findings }: PreviewColumn): string {
  if (findings.length === 0) return "";
  return findings.some(({ severity }) => severity === "refused") ? "bg-failed-tint" : "bg-paused-tint";
}

function moreText({ rows }: CsvHead, columns: readonly PreviewColumn[], shown: readonly PreviewColumn[]): string {
  const parts = [
    rows.length > ROWS
      ? `The first ${ROWS} rows are shown; marks count ${count(rows.length)}.`
      : `${plural(rows.length, "row")} shown.`,
  ];
  if (columns.length > shown.length)
    parts.push(`${plural(columns.length - shown.length, "further column")} not shown.`);
  return parts.join(" ");
}

function ColumnHead({ column }: { readonly column: PreviewColumn }) {
  return (
    <div className="flex min-w-[88px] max-w-[168px] flex-col gap-1.5">
      <span className="flex min-h-5 items-baseline gap-1.5">
        <bdi className="min-w-0 truncate font-semibold" title={shownCell(column.name)}>
          {shownCell(column.name)}
        </bdi>
      </span>
      <TypeOf column={column} />
      {column.findings.map((finding) => (
        <FindingText key={finding.text} finding={finding} />
      ))}
    </div>
  );
}

/** Which type a column has, where the form can say it. */
function TypeOf({ column: { name, type } }: { readonly column: PreviewColumn }) {
  const { columnTypes, hasDataset, chosenTypes, setColumnTypes } = useForm();
  const id = useId();
  if (columnTypes === null) return null;
  const chosen = Object.hasOwn(chosenTypes, name) ? chosenTypes[name] : undefined;
  return (
    <>
      <label htmlFor={id} className="sr-only">
        Type of {name}
      </label>
      <select
        id={id}
        className="h-7 w-full min-w-[88px] rounded border border-line-strong bg-surface px-1.5 font-normal text-ink text-xs"
        value={chosen ?? ""}
        onChange={(event) => setColumnTypes({ [name]: columnTypes.find((one) => one === event.target.value) ?? null })}
      >
        <option value="">
          {hasDataset ? "as in the dataset" : type === "string" ? "string" : `${type} (date column)`}
        </option>
        {columnTypes
          .filter((one) => one !== "string" || hasDataset || chosen === "string")
          .map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
      </select>
    </>
  );
}

interface RowProps {
  readonly row: CsvRow;
  readonly columns: readonly PreviewColumn[];
}

function Row({ row, columns }: RowProps) {
  return (
    <tr className={classes(row.problem !== null && "bg-failed-tint")}>
      <th
        scope="row"
        className={classes(
          "figures sticky left-0 z-[5] border-line border-t px-3 py-1 text-right font-normal text-xs",
          row.problem === null ? "bg-surface text-muted" : "bg-failed-tint text-failed",
        )}
        title={row.problem ?? undefined}
      >
        {row.line}
        {row.problem !== null && <span className="sr-only">: {row.problem}</span>}
      </th>
      {columns.map((column) => (
        <td
          key={column.index}
          className={classes(
            "max-w-[240px] truncate border-line border-t px-3 py-1",
            row.problem === null && markOf(column),
          )}
        >
          <Cell value={row.fields[column.index]} column={column} />
        </td>
      ))}
    </tr>
  );
}

function Cell({ value, column }: { readonly value: string | undefined; readonly column: PreviewColumn }) {
  if (value === undefined) return <span className="text-failed text-xs">missing</span>;
  if (value === "") return <span className="text-muted text-xs">empty</span>;
  const isRefused = !fitsType(value, column.type);
  return (
    <bdi
      className={classes(
        "figures whitespace-pre",
        isRefused && "font-medium text-failed underline decoration-dotted underline-offset-2",
      )}
      title={isRefused ? `Not of type ${column.type}` : undefined}
    >
      {shownCell(value)}
    </bdi>
  );
}

interface ColumnCardProps {
  readonly column: PreviewColumn;
  readonly rows: readonly CsvRow[];
}

function ColumnCard({ column, rows }: ColumnCardProps) {
  return (
    <div className="flex flex-col gap-2">
      <bdi className="break-words font-semibold text-sm">{shownCell(column.name)}</bdi>
      <TypeOf column={column} />
      {column.findings.map((finding) => (
        <FindingText key={finding.text} finding={finding} />
      ))}
      <ul className="m-0 flex list-none flex-col gap-0.5 p-0 text-sm">
        {rows.slice(0, CARD_CELLS).map((row) => (
          <li key={row.line} className="flex gap-3">
            <span className="figures w-10 shrink-0 text-right text-muted text-xs leading-5">{row.line}</span>
            <span className="min-w-0 truncate">
              <Cell value={row.fields[column.index]} column={column} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
