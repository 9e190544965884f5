// Moves everything from a data folder into PostgreSQL: all rows and files, then checks that both sides hold the same.
// Invariant: as long as that is not so, no server starts on what is there, and the next move starts over.
import type { DatabaseSync } from "node:sqlite";
import { PawlError } from "../../domain/errors.ts";
import type { Database } from "../../stores/postgres/database.ts";
import { textOf } from "../../stores/sql/rows.ts";
import { copyFiles, sumOfFiles } from "./files.ts";
import type { Begin, Progress } from "./progress.ts";
import { isSame, type RowSum } from "./row-sum.ts";
import { continueNumbers, copyRows, isThere, rowsIn, sumOfSource, sumOfTarget } from "./rows.ts";
import type { Source } from "./source.ts";
import * as sql from "./statements.ts";
import { DATA_TABLES, JOB_TABLES, type MovedTable } from "./tables.ts";
import { alone, begin, end, type Target, type TargetOptions } from "./target.ts";

export interface Transfer {
  readonly source: Source;
  readonly target: Target;
  readonly options: TargetOptions;
  readonly beginStep: Begin;
}

/** What was moved, and is the same on both sides. */
export interface Moved {
  /** By table; the files themselves last. */
  readonly sums: ReadonlyMap<string, RowSum>;
  /** Texts in which a NUL was replaced. */
  readonly textsWithNul: number;
  /** Ids of files that the index names and that were not in the folder: a few of them. */
  readonly missingFiles: readonly string[];
}

/** Rejects with `store_unavailable` or `name_taken` before anything is changed, and with `internal` when a check fails. */
export function transfer(options: Transfer): Promise<Moved> {
  const { target, source, options: into } = options;
  return alone(target, into.schema, async () => {
    const id = await begin(target, into, source.place.database);
    const textsWithNul = await copy(options);
    const sums = await check(options);
    const missing = await target.jobs.run(sql.filesWithoutBytes);
    await end(target, id);
    return { sums, textsWithNul, missingFiles: missing.map((row) => textOf(row, "id")) };
  });
}

interface Pair {
  readonly source: DatabaseSync;
  readonly target: Database;
  readonly table: MovedTable;
}

function pairsOf({ source, target }: Transfer): readonly Pair[] {
  const { data } = source;
  return [
    ...JOB_TABLES.map((table) => ({ source: source.jobs, target: target.jobs, table })),
    ...(data === null ? [] : DATA_TABLES.map((table) => ({ source: data, target: target.data, table }))),
  ].filter((pair) => isThere(pair.source, pair.table));
}

async function copy(options: Transfer): Promise<number> {
  const { source, target, beginStep } = options;
  let textsWithNul = 0;
  for (const pair of pairsOf(options)) {
    const { table } = pair;
    const rows = rowsIn(pair.source, table);
    if (rows > 0) textsWithNul += await copyRows(pair, table, beginStep(`moving ${table.name}`, rows));
    await continueNumbers(pair, table);
  }
  await copyFiles(source.files, target.files, beginStep("moving MiB of files", null));
  return textsWithNul;
}

/** As the files themselves are called, besides their index. */
const BYTES = "bytes of files";

async function check(options: Transfer): Promise<ReadonlyMap<string, RowSum>> {
  const { source, target, beginStep } = options;
  const sums = new Map<string, RowSum>();
  for (const pair of pairsOf(options)) {
    const { name } = pair.table;
    const before = sumOfSource(pair.source, pair.table);
    const progress = before.rows === 0 ? quietly : beginStep(`checking ${name}`, before.rows);
    sums.set(name, same(name, before, await sumOfTarget(pair.target, pair.table, progress)));
  }
  const before = await sumOfFiles(source.files, quietly);
  const after = await sumOfFiles(target.files, beginStep("checking MiB of files", null));
  return sums.set(BYTES, same(BYTES, before, after));
}

const quietly: Progress = () => {};

function same(name: string, source: RowSum, target: RowSum): RowSum {
  if (isSame(source, target)) return source;
  const side = ({ rows, checksum }: RowSum) => `${rows} with the checksum ${checksum}`;
  throw new PawlError(
    "internal",
    `The move is not right: of "${name}" there are ${side(source)} in SQLite, and ${side(target)} in PostgreSQL. ` +
      "Something else changes the rows there: a trigger, a rule or another program. Stop it and run this again: it starts " +
      "over. Until then no server starts on the schema.",
  );
}
