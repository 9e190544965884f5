// What an import makes of a file and an export of a dataset is the same, byte by byte, in either database.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { stringify } from "csv-stringify/sync";
import { openPostgresData, openSqliteData, type TestData } from "../support/data-store.ts";
import { testPostgres } from "../support/postgres.ts";
import { type ShippedJobs, startShippedJobs } from "./shipped-jobs.ts";

const postgres = await testPostgres();
const { skip } = postgres;

const COLUMNS = { i: "integer", n: "number", b: "boolean", d: "date" } as const;

const ODD = [
  ["=1+1", "-12", "-3.25", "true", "2024-02-29"],
  ["", "", "", "", ""],
  ['"{}\\,', "007", "1e300", "NO", "9999-12-31"],
  ["line\nbreak\r\nand\rmore", "-0", "5.", "0", "0000-01-01"],
  ["Köln 東京 🙂 \ufeff\u0001", "9007199254740993", "-0", "yes", "2024-02-29T23:30:00.000001-05:00"],
  ["NULL \\N \\u0000", "+9223372036854775807", "0.12345678901234567", "1", "1969-12-31 12:00:00Z"],
];

/** Rows that fit, rows that do not, and more of them than are read at once. */
const ROWS = [
  ...ODD,
  ...Array.from({ length: 2_500 }, (_, n) => [
    `row ${n}`,
    `${n}`,
    `${n / 8}`,
    `${n % 2 === 0}`,
    `2024-05-${10 + (n % 20)}`,
  ]),
  ["too few"],
  ["no\tdate", "1", "1", "1", "2024-02-30"],
];

const CONTENT = stringify([["s", ...Object.keys(COLUMNS)], ...ROWS], { quoted_match: /[\r\n]/ });

const EXPORTS: readonly (readonly [input: object, file: string])[] = [
  [{}, "export.csv"],
  [{ raw: true }, "export.csv"],
  [{ from: "2024-05-11", to: "2024-05-12" }, "export.csv"],
  [{ format: "ndjson" }, "export.ndjson"],
  [{ format: "ndjson", to: "2024-03-01" }, "export.ndjson"],
  [{ format: "parquet" }, "export.parquet"],
];

/** Everything that can be downloaded, as base64, and what the jobs say of it. */
async function everyFile(
  t: TestContext,
  openData: () => Promise<TestData>,
): Promise<Readonly<Record<string, unknown>>> {
  const jobs = await startShippedJobs(t, { openData });
  const found: Record<string, unknown> = {};
  for (const batchSize of [5_000, 700]) {
    const input = { dataset: "data", columns: COLUMNS, maxRejected: 2, batchSize };
    const job = await jobs.importCsv(CONTENT, input);
    assert.equal(job.state, "succeeded", JSON.stringify(job.error));
    found[`import by ${batchSize}`] = [job.output, await bytesOf(jobs, job.id, "rejected.csv")];
  }
  for (const [input, file] of EXPORTS) {
    const job = await jobs.run("data-export", { dataset: "data", ...input });
    assert.equal(job.state, "succeeded", JSON.stringify(job.error));
    const messages = (await jobs.pawl.manager.logs(job.id)).map(({ message }) => message);
    found[JSON.stringify(input)] = [job.output, messages, await bytesOf(jobs, job.id, file)];
  }
  const refused = await jobs.importCsv(CONTENT, { dataset: "data" });
  found.refused = [refused.state, refused.error?.code, refused.error?.message, refused.error?.details];
  found.shown = (await jobs.data.catalog.rows("data", { limit: 10, after: null }))?.map(({ values, line }) => [
    values,
    line,
  ]);
  return found;
}

async function bytesOf({ pawl }: ShippedJobs, jobId: string, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await pawl.manager.files.artifact(jobId, name)).read()) chunks.push(chunk);
  return Buffer.concat(chunks).toString("base64");
}

test("imports and exports make the same files in SQLite and in PostgreSQL", { skip }, async (t) => {
  const inSqlite = await everyFile(t, openSqliteData);
  const inPostgres = await everyFile(t, () => openPostgresData(postgres));
  assert.deepEqual(inPostgres, inSqlite);
  const [output] = inSqlite["{}"] as readonly [{ readonly rows: number }];
  assert.equal(output.rows, 2 * (ROWS.length - 2));
});

test("a file with a NUL is refused with its line, wherever the data is, and leaves nothing", { skip }, async (t) => {
  for (const openData of [openSqliteData, () => openPostgresData(postgres)]) {
    const jobs = await startShippedJobs(t, { openData });
    const job = await jobs.importCsv("a,b\n1,2\n3,x\0y\n", { dataset: "data", batchSize: 1 });
    assert.deepEqual([job.state, job.error?.code], ["rolled_back", "wrong_encoding"]);
    assert.match(job.error?.message ?? "", /^Line 3 holds a NUL byte/);
    assert.deepEqual(await jobs.data.catalog.list(), []);
  }
});
