import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import path from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { stringify } from "csv-stringify/sync";
import { PawlError } from "../../src/domain/errors.ts";
import type { Job, Json } from "../../src/domain/job.ts";
import type { SubmitRequest } from "../../src/domain/job-control.ts";
import { createManager } from "../../src/engine/create-manager.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import { createCsvImport } from "../../src/jobs/csv-import.ts";
import { createSqliteDataStore } from "../../src/jobs/data/sqlite/data-store.ts";
import { createDataExport } from "../../src/jobs/data-export.ts";
import type { FileStore } from "../../src/ports/file-store.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { type ParquetFile, readParquet } from "../support/parquet-reader.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { waitFor } from "../support/wait-for.ts";
import { people, persons, type ShippedJobs, startShippedJobs } from "./shipped-jobs.ts";

const GROUP_ROWS = 25_000;

const asCsv = (records: readonly (readonly string[])[]) => stringify(records.map((record) => [...record]));

async function artifactBytes({ pawl }: ShippedJobs, jobId: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const { read } = await pawl.manager.files.artifact(jobId, "export.parquet");
  for await (const chunk of read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Imports, exports as Parquet and reads that. */
async function exported(jobs: ShippedJobs, content: string, input: object = {}): Promise<ParquetFile> {
  const imported = await jobs.importCsv(content, { dataset: "data", ...input });
  assert.equal(imported.state, "succeeded", JSON.stringify(imported.error));
  const job = await jobs.run("data-export", { dataset: "data", format: "parquet" });
  return await fileOf(jobs, job);
}

async function fileOf(jobs: ShippedJobs, job: Job): Promise<ParquetFile> {
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  const bytes = await artifactBytes(jobs, job.id);
  const file = await readParquet(bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  assert.deepEqual(job.output, { rows: file.rows.length, bytes: bytes.length, sha256 });
  return file;
}

const typesOf = ({ metadata }: ParquetFile) =>
  metadata.schema
    .slice(1)
    .map(({ type, logical_type, repetition_type }) => [type, logical_type?.type ?? null, repetition_type]);

const warnings = async ({ pawl }: ShippedJobs, jobId: string) =>
  (await pawl.manager.logs(jobId)).filter(({ level }) => level === "warn").map(({ message }) => message);

test("each column has the type of the dataset's, and every value comes back, an empty cell as null", async (t) => {
  const big = "Größe 🙂 ".repeat(80_000);
  const rows = [
    ["text", "-12", "-3.25", "true", "2024-02-29"],
    ["", "", "", "", ""],
    ["\ufeff東京 🙂 \u0007", "9223372036854775807", "1e300", "NO", "9999-12-31"],
    ['line\nbreak\r\n"quoted"', "-9223372036854775808", "0.1", "0", "0000-01-01"],
    [big, "007", "-0", "1", "1969-12-31"],
    ["=1+1", "9007199254740993", "5.", "yes", "1970-01-01"],
  ];
  const columns = { i: "integer", n: "number", b: "boolean", d: "date" };
  const file = await exported(await startShippedJobs(t), asCsv([["s", "i", "n", "b", "d"], ...rows]), { columns });
  assert.deepEqual(typesOf(file), [
    ["BYTE_ARRAY", "STRING", "OPTIONAL"],
    ["INT64", null, "OPTIONAL"],
    ["DOUBLE", null, "OPTIONAL"],
    ["BOOLEAN", null, "OPTIONAL"],
    ["INT32", "DATE", "OPTIONAL"],
  ]);
  assert.deepEqual(file.rows, [
    ["text", -12n, -3.25, true, 19_782],
    [null, null, null, null, null],
    ["\ufeff東京 🙂 \u0007", 9_223_372_036_854_775_807n, 1e300, false, 2_932_896],
    ['line\nbreak\r\n"quoted"', -9_223_372_036_854_775_808n, 0.1, false, -719_528],
    [big, 7n, 0, true, -1],
    ["=1+1", 9_007_199_254_740_993n, 5, true, 0],
  ]);
});

test("a column of dates some of which have a time is one of moments, wherever the first time stands", async (t) => {
  const days = Array.from({ length: 3_000 }, () => ["2024-02-29", "2024-02-29"]);
  const content = asCsv([["day", "at"], ...days, ["2024-02-29", "2024-02-29T23:30:00.000001-05:00"]]);
  const jobs = await startShippedJobs(t);
  const file = await exported(jobs, content, { columns: { day: "date", at: "date" } });
  assert.deepEqual(typesOf(file), [
    ["INT32", "DATE", "OPTIONAL"],
    ["INT64", "TIMESTAMP", "OPTIONAL"],
  ]);
  const midnight = BigInt(Date.parse("2024-02-29T00:00:00Z")) * 1_000n;
  assert.deepEqual(file.rows[0], [19_782, midnight]);
  assert.deepEqual(file.rows.at(-1), [19_782, BigInt(Date.parse("2024-03-01T04:30:00Z")) * 1_000n + 1n]);
});

test("what a type cannot keep is logged, once for each kind of loss in a column", async (t) => {
  const jobs = await startShippedJobs(t);
  const content = "n,m\n0.12345678901234567,0.5\n0.12345678901234568,1e-400\n3.123456789012345678,0.25\n";
  await jobs.importCsv(content, { dataset: "data", columns: { n: "number", m: "number" } });
  const job = await jobs.run("data-export", { dataset: "data", format: "parquet" });
  const { rows } = await fileOf(jobs, job);
  assert.deepEqual(rows, [
    [0.12345678901234566, 0.5],
    [0.12345678901234568, 0],
    [3.1234567890123457, 0.25],
  ]);
  const rest =
    "has more digits than a 64-bit floating-point number keeps: it is written as the nearest one. So are others like it there.";
  assert.deepEqual(await warnings(jobs, job.id), [
    `"0.12345678901234567" in column "n" ${rest}`,
    `"1e-400" in column "m" ${rest}`,
  ]);
});

test("a value that its type cannot hold ends the export, which names the row and the column", async (t) => {
  const jobs = await startShippedJobs(t);
  await jobs.importCsv("n\n1\n9223372036854775808\n", { dataset: "integers", columns: { n: "integer" } });
  await jobs.importCsv("n\n1e999\n", { dataset: "numbers", columns: { n: "number" } });
  const large = await jobs.run("data-export", { dataset: "integers", format: "parquet" });
  assert.equal(large.state, "failed");
  assert.equal(large.error?.code, "value_out_of_range");
  assert.equal(
    large.error?.message,
    'Row 2 cannot be written as Parquet: its column "n" holds 64-bit integers there, and "9223372036854775808" is none. Export as csv or ndjson, which keep the text of each cell.',
  );
  const infinite = await jobs.run("data-export", { dataset: "numbers", format: "parquet" });
  assert.deepEqual(infinite.error?.details, { row: 1, column: "n", value: "1e999" });
  assert.equal((await jobs.run("data-export", { dataset: "integers", format: "ndjson" })).state, "succeeded");
});

test("without rows the file has its columns and their types", async (t) => {
  const jobs = await startShippedJobs(t);
  const empty = await exported(jobs, "id,day\n", { columns: { id: "integer", day: "date" } });
  assert.deepEqual([empty.columns, empty.rows, empty.metadata.row_groups], [["id", "day"], [], []]);
  await jobs.importCsv("id,day\n1,2024-01-01\n", { dataset: "data" });
  const range = { dataset: "data", format: "parquet", from: "2025-01-01" };
  const none = await fileOf(jobs, await jobs.run("data-export", range));
  assert.deepEqual([none.columns, none.rows, typesOf(none)], [empty.columns, [], typesOf(empty)]);
});

test("columns keep their names, whatever these are", async (t) => {
  const names = ["a.b", " spaced ", "Größe 🙂", "__proto__", "schema", "=1+1", 'with "quotes"\nand lines', "null"];
  const content = asCsv([names, names.map((_, index) => `cell ${index}`)]);
  const file = await exported(await startShippedJobs(t), content);
  assert.deepEqual(file.columns, names);
  assert.deepEqual(file.rows, [names.map((_, index) => `cell ${index}`)]);
});

test("raw makes no difference, and from and to are days of the date column", async (t) => {
  const jobs = await startShippedJobs(t);
  await jobs.importCsv("cell,day\n=1+1,2024-01-01\n@SUM(A1),2024-01-02\nb,\n", { dataset: "data", dateColumn: "day" });
  const input = { dataset: "data", format: "parquet", to: "2024-01-01" };
  const job = await jobs.run("data-export", input);
  assert.deepEqual((await fileOf(jobs, job)).rows, [["=1+1", 19_723]]);
  assert.deepEqual((await jobs.run("data-export", { ...input, raw: true })).output, job.output);
});

test("rows are in import order, in row groups that say which values are in them", async (t) => {
  const jobs = await startShippedJobs(t);
  await jobs.importCsv(people(40_000), { dataset: "data", columns: { id: "integer", day: "date" } });
  const file = await exported(jobs, people(20_000, 40_000));
  const expected = persons(60_000).map(([id = "", name, day = ""]) => [
    BigInt(id),
    name,
    Date.parse(`${day}T00:00:00Z`) / 86_400_000,
  ]);
  assert.deepEqual(file.rows, expected);
  const groups = file.metadata.row_groups;
  assert.deepEqual(
    groups.map(({ num_rows }) => num_rows),
    [25_000n, 25_000n, 10_000n],
  );
  const ranges = groups.map(({ columns }) => columns[0]?.meta_data?.statistics);
  assert.deepEqual(
    ranges.map((range) => [range?.min_value, range?.max_value, range?.null_count]),
    [
      [0n, 24_999n, 0n],
      [25_000n, 49_999n, 0n],
      [50_000n, 59_999n, 0n],
    ],
  );
});

test("wide rows make smaller row groups", async (t) => {
  const rows = Array.from({ length: 40 }, (_, index) => [String(index), "x".repeat(1_000_000)]);
  const file = await exported(await startShippedJobs(t), asCsv([["id", "text"], ...rows]));
  assert.deepEqual(file.rows, rows);
  assert.deepEqual(
    file.metadata.row_groups.map(({ num_rows }) => num_rows),
    [34n, 6n],
  );
});

test("the file is the same, byte for byte, after pauses, restarts and crashes", async (t) => {
  const jobs = await startShippedJobs(t);
  const { importCsv, run, submit, pawl } = jobs;
  const rows = 2 * GROUP_ROWS + 1_000;
  await importCsv(`${people(rows)}${rows},last,2024-01-01T12:00:00Z\n`, { dataset: "data", dateColumn: "day" });
  const calm = await run("data-export", { dataset: "data", format: "parquet" });
  // Batches that do not end where a row group does.
  const { id } = await submit("data-export", { dataset: "data", format: "parquet", ratePerSecond: 9_990 });
  const until = (what: string, isSo: (job: Job) => boolean) =>
    waitFor(
      async () => {
        const job = await pawl.manager.get(id);
        return job !== null && isSo(job);
      },
      { what, everyMs: 1 },
    );
  const untilDone = (count: number) => until(`${count} rows`, ({ progress }) => progress.done >= count);
  await until("the look at the dates", ({ state }) => state === "running");
  await pawl.crash();
  await until("the rows", ({ progress }) => progress.message === null && progress.done > 0);
  await pawl.manager.pause(id);
  await pawl.manager.waitUntil(id, "paused");
  await pawl.manager.resume(id);
  await untilDone(5_000);
  await pawl.crash();
  await untilDone(GROUP_ROWS + 5_000);
  await pawl.restart();
  await untilDone(GROUP_ROWS + 10_000);
  await pawl.crash();
  // Right behind a row group, which ends within a batch that no checkpoint names yet.
  await waitFor(async () => (await groupsIn(jobs, id)) === 2, { what: "the second row group", everyMs: 1 });
  await pawl.crash();
  const job = await pawl.manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  assert.deepEqual(job.output, calm.output);
  assert.ok((await artifactBytes(jobs, id)).equals(await artifactBytes(jobs, calm.id)));
});

/** Row groups that the last checkpoint names. */
async function groupsIn({ pawl }: ShippedJobs, id: string): Promise<number> {
  const [job] = await pawl.store.jobs.get([id]);
  const at = (value: Json | undefined, name: string): Json | undefined =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, Json>)[name]
      : undefined;
  const groups = at(at(at(job?.checkpoint.cursor, "own"), "parquet"), "groups");
  return Array.isArray(groups) ? groups.length : 0;
}

test("a cancelled export leaves no file", async (t) => {
  const { importCsv, submit, pawl } = await startShippedJobs(t);
  await importCsv(people(2_000), { dataset: "data" });
  const { id } = await submit("data-export", { dataset: "data", format: "parquet", ratePerSecond: 200 });
  await waitFor(async () => ((await pawl.manager.get(id))?.progress.done ?? 0) > 0, { what: "rows" });
  await pawl.manager.cancel(id);
  const job = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual([job.state, job.artifacts], ["cancelled", []]);
});

test("an export that found the disk full at its last row group goes on with that", async (t) => {
  const folder = await tempFolder(t);
  let chunksUntilFull = Number.POSITIVE_INFINITY;
  const fileStore = fillingUp(createDirectoryFileStore({ directory: path.join(folder, "files") }), () => {
    chunksUntilFull -= 1;
    return chunksUntilFull === 0;
  });
  const store = await createSqliteStore({ path: path.join(folder, "pawl.db"), clock: systemClock });
  const data = createSqliteDataStore({ path: path.join(folder, "data.db") });
  const manager = createManager({ store, fileStore, jobs: [createCsvImport({ data }), createDataExport({ data })] });
  await manager.start();
  t.after(async () => {
    await manager.stop();
    await store.close();
    await data.close();
  });
  const final = async (request: SubmitRequest) => manager.waitUntil((await manager.submit(request)).id, "final");
  const upload = { name: "people.csv", mediaType: "text/csv", maxBytes: 1_000_000 };
  const { id: file } = await manager.files.upload(Readable.from([Buffer.from(people(500))]), upload);
  await final({ type: "csv-import", input: { dataset: "data", file } });
  const request = { type: "data-export", input: { dataset: "data", format: "parquet" }, maxAttempts: 1 };
  const calm = await final(request);
  chunksUntilFull = 3; // the magic bytes, and the first column
  const full = await final(request);
  assert.deepEqual([full.state, full.error?.code], ["failed", "storage_full"]);
  assert.equal(full.progress.done, 500);
  await manager.retry(full.id);
  const job = await manager.waitUntil(full.id, "final");
  assert.deepEqual([job.state, job.output], ["succeeded", calm.output]);
});

/** A file store whose disk is full when `isFull` says so. */
function fillingUp(fileStore: FileStore, isFull: () => boolean): FileStore {
  return {
    ...fileStore,
    async append(id, size, token) {
      const appender = await fileStore.append(id, size, token);
      return {
        ...appender,
        get size() {
          return appender.size;
        },
        async write(chunk) {
          if (isFull()) throw new PawlError("storage_full", "There is no space left to write the file.");
          await appender.write(chunk);
        },
      };
    },
  };
}
