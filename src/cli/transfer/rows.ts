// Moves the rows of one table, and adds up what is there on either side. Its invariant: however many rows there are, no more
// than two batches of them are in memory.
import type { DatabaseSync } from "node:sqlite";
import type { Session, Value } from "../../stores/postgres/database.ts";
import { integerOf, textOf } from "../../stores/sql/rows.ts";
import type { Progress } from "./progress.ts";
import { createRowSummer, type RowSum } from "./row-sum.ts";
import { digestOf, insertTextOf, textsWithNul } from "./row-text.ts";
import * as sql from "./statements.ts";
import type { MovedTable } from "./tables.ts";

/** Where the rows of a table are, and where they go. */
export interface Sides {
  readonly source: DatabaseSync;
  readonly target: Session;
}

const ROWS_AT_ONCE = 1_000;
/** Characters: a batch of long rows is smaller. */
const TEXT_AT_ONCE = 2_000_000;
const DIGESTS_AT_ONCE = 5_000;

/** Answers how many texts lost a NUL on the way. */
export async function copyRows({ source, target }: Sides, table: MovedTable, progress: Progress): Promise<number> {
  const insert = sql.insertRows(table);
  let inserting: Promise<unknown> = Promise.resolve();
  let withNul = 0;
  let copied = 0;
  for (const batch of batchesOf(source, table)) {
    await inserting;
    progress(copied);
    inserting = target.run(insert, `[${batch.texts.join()}]`);
    // It is waited for later, and must not count as forgotten until then.
    inserting.catch(() => {});
    copied += batch.texts.length;
    withNul += batch.withNul;
  }
  await inserting;
  return withNul;
}

function* batchesOf(source: DatabaseSync, table: MovedTable) {
  let texts: string[] = [];
  let length = 0;
  let withNul = 0;
  for (const row of source.prepare(sql.readRows(table)).iterate()) {
    const text = insertTextOf(row, table.columns);
    texts.push(text);
    length += text.length;
    withNul += textsWithNul(row, table.columns);
    if (texts.length < ROWS_AT_ONCE && length < TEXT_AT_ONCE) continue;
    yield { texts, withNul };
    texts = [];
    length = 0;
    withNul = 0;
  }
  if (texts.length > 0) yield { texts, withNul };
}

export const isThere = (source: DatabaseSync, table: MovedTable): boolean =>
  integerOf(source.prepare(sql.tableExists).get(table.source), "tables") > 0;

export const rowsIn = (source: DatabaseSync, table: MovedTable): number =>
  integerOf(source.prepare(sql.countRows(table)).get(), "rows");

/** Reads all rows again. */
export function sumOfSource(source: DatabaseSync, table: MovedTable): RowSum {
  const summer = createRowSummer();
  for (const row of source.prepare(sql.readRows(table)).iterate()) summer.add(digestOf(row, table.columns));
  return summer.sum();
}

/** Out of what PostgreSQL stores. */
export async function sumOfTarget(target: Session, table: MovedTable, progress: Progress): Promise<RowSum> {
  const [first, next] = [sql.firstDigests(table), sql.nextDigests(table)];
  const summer = createRowSummer();
  let page = await target.run(first, DIGESTS_AT_ONCE);
  for (;;) {
    for (const row of page) summer.add(textOf(row, "row_digest"));
    progress(summer.sum().rows);
    const last = page.at(-1);
    if (last === undefined || page.length < DIGESTS_AT_ONCE) return summer.sum();
    page = await target.run(next, DIGESTS_AT_ONCE, ...table.key.map((name) => keyValue(last[name])));
  }
}

function keyValue(value: unknown): Value {
  if (typeof value === "string" || typeof value === "number") return value;
  throw new TypeError("A column of a key holds neither a text nor a number.");
}

/** Lets PostgreSQL number on where SQLite has stopped. */
export async function continueNumbers({ source, target }: Sides, table: MovedTable): Promise<void> {
  const { name, numbered } = table;
  if (numbered === null) return;
  const last = integerOf(source.prepare(sql.lastNumber(table.source, numbered)).get(), "number");
  if (last > 0) await target.run(sql.setNumber(name, numbered), last);
}
