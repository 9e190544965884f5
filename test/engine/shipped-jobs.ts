// The shipped job types on a real manager and a real data store, for the tests of what they promise.
import type { TestContext } from "node:test";
import type { Job } from "../../src/domain/job.ts";
import { createBulkTeams } from "../../src/jobs/bulk-teams.ts";
import { createCsvImport } from "../../src/jobs/csv-import.ts";
import type { DataStore } from "../../src/jobs/data/data-store.ts";
import { createDataExport } from "../../src/jobs/data-export.ts";
import { createDayExport } from "../../src/jobs/day-export.ts";
import { createFileTask } from "../../src/jobs/file-task.ts";
import { createReverseText } from "../../src/jobs/reverse-text.ts";
import { createSimple } from "../../src/jobs/simple.ts";
import { createTicker } from "../../src/jobs/ticker.ts";
import type { TestManager, TestManagerOptions } from "../../src/testing/test-manager.ts";
import { openData, type TestData } from "../support/data-store.ts";
import { startManager } from "../support/test-manager.ts";

export interface ShippedJobs {
  readonly pawl: TestManager;
  readonly data: DataStore;
  /** What tickers printed. */
  readonly printed: readonly string[];
  /** Answers the file's id. */
  upload(content: string | Uint8Array): Promise<string>;
  submit(type: string, input: object): Promise<Job>;
  /** Submits, and waits until the job is final. */
  run(type: string, input: object): Promise<Job>;
  /** Uploads and imports, and waits until the job is final. */
  importCsv(content: string | Uint8Array, input: object): Promise<Job>;
  artifactText(jobId: string, name: string): Promise<string>;
  /** All rows of a dataset, as values in the order of its columns. */
  rowsOf(dataset: string): Promise<readonly (readonly string[])[]>;
}

export interface ShippedJobsOptions extends Pick<TestManagerOptions, "clock" | "concurrency"> {
  /** Default: in the database that PAWL_TEST_STORE names. */
  readonly openData?: () => Promise<TestData>;
}

export async function startShippedJobs(
  t: TestContext,
  { openData: open = openData, ...options }: ShippedJobsOptions = {},
): Promise<ShippedJobs> {
  const storedData = await open();
  const { data } = storedData;
  const printed: string[] = [];
  const jobs = [
    createCsvImport({ data }),
    createDataExport({ data }),
    createBulkTeams({ data }),
    createTicker({ print: (line) => printed.push(line) }),
    createSimple(),
    createDayExport(),
    createReverseText(),
    createFileTask(),
  ];
  const pawl = await startManager({ ...options, jobs });
  t.after(async () => {
    await pawl.stop();
    await storedData.remove();
  });

  const upload = async (content: string | Uint8Array) => {
    const file = { name: "rows.csv", mediaType: "text/csv", maxBytes: 2 ** 30 };
    return (await pawl.manager.files.upload(inChunks(Buffer.from(content)), file)).id;
  };
  const submit = (type: string, input: object) => pawl.manager.submit({ type, input });
  const run = async (type: string, input: object) => pawl.manager.waitUntil((await submit(type, input)).id, "final");
  return {
    pawl,
    data,
    printed,
    upload,
    submit,
    run,
    importCsv: async (content, input) => run("csv-import", { ...input, file: await upload(content) }),
    async artifactText(jobId, name) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await pawl.manager.files.artifact(jobId, name)).read()) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    },
    rowsOf: async (dataset) => (await allRows(data, dataset)).map((row) => Object.values(row.values)),
  };
}

const CHUNK_BYTES = 65_536;

async function* inChunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

async function allRows(data: DataStore, dataset: string) {
  return (await data.catalog.rows(dataset, { limit: 1_000_000, after: null })) ?? [];
}

/** A CSV file of `count` rows: id, name and day. */
export function people(count: number, first = 0): string {
  const lines = Array.from({ length: count }, (_, index) => person(first + index).join(","));
  return `id,name,day\n${lines.join("\n")}\n`;
}

/** The values of one of its rows. */
export function person(n: number): readonly string[] {
  return [String(n), `person ${n}`, `2024-01-${String((n % 28) + 1).padStart(2, "0")}`];
}

export const persons = (count: number, first = 0) => Array.from({ length: count }, (_, index) => person(first + index));
