// W9: rows a second of `csv-import` with checkpoints and rollback on, against `sqlite3 .import` of the same file.
import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import { createManager, systemClock } from "../../src/index.ts";
import { createCsvImport } from "../../src/jobs/csv-import.ts";
import { createDataStore } from "../../src/jobs/data-store.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { withFolder } from "../folder.ts";
import { type Comparison, seconds } from "../measure.ts";

const ROWS = 1_000_000;

async function writeRows(path: string): Promise<void> {
  const lines = ["id,name,phone"];
  for (let n = 0; n < ROWS; n += 1) lines.push(`${n},person ${n},+49 170 ${n}`);
  await writeFile(path, `${lines.join("\n")}\n`);
}

const importRows = () =>
  withFolder(async (directory) => {
    const csv = join(directory, "rows.csv");
    await writeRows(csv);
    const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
    const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
    const data = createDataStore({ path: join(directory, "data.db") });
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
      return ROWS / time;
    } finally {
      await manager.stop();
      await store.close();
      data.close();
    }
  });

const sqliteImport = () =>
  withFolder(async (directory) => {
    const csv = join(directory, "rows.csv");
    await writeRows(csv);
    const time = await seconds(() =>
      execFileSync("sqlite3", [
        join(directory, "raw.db"),
        "-cmd",
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        `.import --csv ${csv} rows`,
      ]),
    );
    return ROWS / time;
  });

function hasSqliteShell(): boolean {
  try {
    execFileSync("sqlite3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export const w9: readonly Comparison[] = [
  {
    name: "W9 import of 1,000,000 rows",
    unit: "per second",
    pawl: importRows,
    against: hasSqliteShell() ? { name: "sqlite3 .import", round: sqliteImport } : null,
    target: { ratio: 0.2 },
    rounds: 3,
  },
];
