// W9: rows a second of `csv-import` with checkpoints and rollback on, against `sqlite3 .import` of the same file, or against
// PostgreSQL's COPY of it.
import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createManager } from "../../src/index.ts";
import { createCsvImport } from "../../src/jobs/csv-import.ts";
import type { Bench } from "../backend.ts";
import { withFolder } from "../folder.ts";
import { type Comparison, type Side, seconds } from "../measure.ts";
import { openData, openPlace } from "../place.ts";
import { withClient, withSchema } from "../postgres.ts";

const ROWS = 1_000_000;

async function writeRows(path: string, rows: number): Promise<void> {
  const lines = ["id,name,phone"];
  for (let n = 0; n < rows; n += 1) lines.push(`${n},person ${n},+49 170 ${n}`);
  await writeFile(path, `${lines.join("\n")}\n`);
}

/** Runs `use` with a file of so many rows. */
const withRows = (rows: number, use: (csv: string, directory: string) => Promise<number>): Promise<number> =>
  withFolder(async (directory) => {
    const csv = join(directory, "rows.csv");
    await writeRows(csv, rows);
    return use(csv, directory);
  });

const importRows = (bench: Bench) => () =>
  bench.withPlace((place) =>
    withRows(bench.times(ROWS), async (csv) => {
      const { store, fileStore } = await openPlace(place);
      const data = await openData(place);
      const manager = createManager({ store, fileStore, jobs: [createCsvImport({ data })] });
      try {
        await manager.start();
        const file = await manager.files.upload(createReadStream(csv), {
          name: "rows.csv",
          mediaType: "text/csv",
          maxBytes: 2 ** 30,
        });
        const time = await seconds(async () => {
          const { id } = await manager.submit({ type: "csv-import", input: { file: file.id, dataset: "rows" } });
          const job = await manager.waitUntil(id, "final");
          if (job.state !== "succeeded") throw new Error(`W9: the import ended ${job.state}: ${job.error?.message}`);
        });
        return bench.times(ROWS) / time;
      } finally {
        await manager.stop();
        await store.close();
        await data.close();
      }
    }),
  );

const sqliteImport = (bench: Bench) => () =>
  withRows(bench.times(ROWS), async (csv, directory) => {
    const time = await seconds(() =>
      execFileSync("sqlite3", [
        join(directory, "raw.db"),
        "-cmd",
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        `.import --csv ${csv} rows`,
      ]),
    );
    return bench.times(ROWS) / time;
  });

/** Read by the server itself, which spares it what a client would send. */
const postgresCopy = (bench: Bench) => () =>
  withSchema(({ schema }) =>
    withRows(bench.times(ROWS), async (csv, directory) => {
      await chmod(directory, 0o755);
      return withClient(async (client) => {
        await client.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.rows (id text, name text, phone text)`);
        const time = await seconds(() => client.query(`COPY ${schema}.rows FROM '${csv}' (FORMAT csv, HEADER)`));
        return bench.times(ROWS) / time;
      });
    }),
  );

function hasSqliteShell(): boolean {
  try {
    execFileSync("sqlite3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function limitOf(bench: Bench): Side | null {
  if (bench.store === "postgres") return { name: "COPY", round: postgresCopy(bench) };
  return hasSqliteShell() ? { name: "sqlite3 .import", round: sqliteImport(bench) } : null;
}

export const w9 = (bench: Bench): readonly Comparison[] => [
  {
    name: "W9 import of 1,000,000 rows",
    unit: "per second",
    pawl: importRows(bench),
    against: limitOf(bench),
    target: { ratio: 0.2 },
    rounds: bench.rounds(3),
  },
];
