// The corpus against the shipped job: each file ends in the state that the table says, with exactly its rows or exactly
// its error, and a file that is refused leaves nothing behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { type ShippedJobs, startShippedJobs } from "../engine/shipped-jobs.ts";
import { type CsvCase, isReadable, type ReadableCase, type Refusal } from "./csv-case.ts";
import { bytesOf, CSV_CASES } from "./csv-cases.ts";

test("csv-import of each file of the corpus", async (t) => {
  const jobs = await startShippedJobs(t);
  for (const [index, one] of CSV_CASES.entries()) {
    const dataset = `case-${index}`;
    const { refused } = one;
    await t.test(`${one.file}: ${one.why}`, async () => {
      if (refused) await checkRefusal(jobs, { one, refused, dataset });
      else await checkRows(jobs, { one, dataset, maxRejected: 0 });
      const fitting = isReadable(one) && one.problems ? one : null;
      if (fitting) await checkRows(jobs, { one: fitting, dataset, maxRejected: 1_000 });
    });
  }
});

test("every message says what to do", () => {
  const advice = /[.;] (?:Close|Correct|Download|Export|Make|Put|Save|Unpack|Upload) /;
  for (const { file, refused } of CSV_CASES) if (refused) assert.match(refused.message, advice, file);
});

test("every message names the line", () => {
  for (const { file, refused } of CSV_CASES)
    if (refused) assert.match(refused.message, new RegExp(`\\bline ${refused.line}\\b`, "i"), file);
});

interface Check {
  readonly one: CsvCase;
  readonly dataset: string;
}

const inputOf = ({ one, dataset }: Check) => ({ dataset, delimiter: isReadable(one) ? one.given : undefined });

async function checkRefusal(
  { importCsv, data }: ShippedJobs,
  check: Check & { readonly refused: Refusal },
): Promise<void> {
  const { code, message } = check.refused;
  const job = await importCsv(bytesOf(check.one), inputOf(check));
  assert.deepEqual(
    { state: job.state, code: job.error?.code, message: job.error?.message, attempts: job.attempt },
    { state: "rolled_back", code, message, attempts: 1 },
  );
  assert.equal(
    (await data.catalog.list()).find(({ name }) => name === check.dataset),
    undefined,
  );
  assert.equal(await data.imports.find(job.id), null);
}

async function checkRows(jobs: ShippedJobs, check: Check & { readonly maxRejected: number }): Promise<void> {
  const { one, dataset, maxRejected } = check;
  assert.ok(isReadable(one));
  const problems = one.problems ?? {};
  const fitting = one.records.filter(([line]) => !(line in problems));
  const job = await jobs.importCsv(bytesOf(one), { ...inputOf(check), maxRejected });
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  assert.deepEqual(job.output, { rows: fitting.length, rejected: one.records.length - fitting.length });
  assert.deepEqual((await jobs.data.catalog.list()).find(({ name }) => name === dataset)?.columns, one.columns);
  const rows = (await jobs.data.catalog.rows(dataset, { limit: 1_000, after: null })) ?? [];
  assert.deepEqual(
    rows.map(({ line, values }) => [line, ...one.columns.map((name) => values[name])]),
    fitting,
  );
  if (one.problems) assert.deepEqual(await rejectedOf(jobs, job.id), expectedRejects(one));
}

function expectedRejects({ columns, records, problems = {} }: ReadableCase): readonly (readonly string[])[] {
  const rejects = records.filter(([line]) => line in problems);
  return [
    ["line", "reason", ...columns],
    ...rejects.map(([line, ...fields]) => [String(line), problems[line] ?? "", ...fields]),
  ];
}

async function rejectedOf({ artifactText }: ShippedJobs, jobId: string): Promise<string[][]> {
  return parse(await artifactText(jobId, "rejected.csv"), { relax_column_count: true });
}
