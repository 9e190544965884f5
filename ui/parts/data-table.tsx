// A table of a few hundred rows at most. On a phone each row is a card, in which every value stands beside its name.
import type { ReactNode } from "react";
import { classes } from "./class-names.ts";

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
  /** Names the row; on a phone it is the head of the card. */
  readonly isHead?: boolean;
  /** Buttons, which are higher than a line of text. */
  readonly isActions?: boolean;
}

interface DataTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

export function DataTable<Row>({ caption, columns, rows, keyOf }: DataTableProps<Row>) {
  return (
    // The caption, which only readers of the screen get, stands in it and must not stick out of the page.
    <div className="panel relative overflow-x-auto">
      <table className="w-full border-collapse text-sm max-sm:block">
        <caption className="sr-only">{caption}</caption>
        <thead className="max-sm:hidden">
          <tr className="border-line border-b">
            {columns.map(({ name, isNumber }) => (
              <th
                key={name}
                scope="col"
                className={classes("h-9 px-3 font-medium text-muted text-xs", isNumber ? "text-right" : "text-left")}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-sm:block">
          {rows.map((row) => (
            <tr key={keyOf(row)} className="border-line border-b last:border-b-0 max-sm:block max-sm:px-1 max-sm:py-2">
              {columns.map((column) => (
                <Cell key={column.name} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell<Row>({
  column: { name, cell, isNumber, isHead, isActions },
  row,
}: {
  readonly column: Column<Row>;
  readonly row: Row;
}) {
  const Tag = isHead ? "th" : "td";
  return (
    <Tag
      {...(isHead ? { scope: "row" } : {})}
      className={classes(
        "max-w-[420px] px-3 py-2.5 align-top font-normal max-sm:flex max-sm:max-w-none max-sm:items-baseline max-sm:justify-between max-sm:gap-4 max-sm:py-1",
        isNumber ? "figures text-right" : "text-left",
        !isHead && "max-sm:text-right max-sm:[&:has(>div:empty)]:hidden",
      )}
    >
      {!isHead && (
        <span aria-hidden className="shrink-0 text-muted text-xs sm:hidden">
          {name}
        </span>
      )}
      <div className={classes("min-w-0 wrap-anywhere", isActions && "sm:-my-1")}>{cell(row)}</div>
    </Tag>
  );
}
