// Compares what a dataset holds with the files that were imported: every row exactly once, in order, as it was written.
import assert from "node:assert/strict";
import type { DatasetRow } from "../../src/ports/datasets.ts";
import { rowLine, rowRecord } from "./csv-file.ts";
import type { HttpClient } from "./http-client.ts";

/** An import that has to be in the dataset: rows `first` to `first + rows` of the generated file. */
export interface ExpectedImport {
  readonly jobId: string;
  readonly rows: number;
  readonly first?: number;
}

const PAGE = 1_000;

/** Throws unless the dataset holds exactly the rows of these imports, in this order. */
export async function checkDataset(
  client: HttpClient,
  dataset: string,
  imports: readonly ExpectedImport[],
): Promise<void> {
  const expected = expectedRows(imports);
  let count = 0;
  for await (const { values, importJobId, line } of datasetRows(client, dataset)) {
    const next = expected.next();
    assert.ok(!next.done, `row ${count} of "${dataset}" is one too many: ${JSON.stringify(values)}`);
    assert.deepEqual({ values, importJobId, line }, next.value, `row ${count} of "${dataset}"`);
    count += 1;
  }
  assert.ok(expected.next().done, `"${dataset}" ends after ${count} rows, too early`);
}

function* expectedRows(imports: readonly ExpectedImport[]): Generator<Omit<DatasetRow, "position">> {
  for (const { jobId, rows, first = 0 } of imports) {
    for (let index = 0; index < rows; index++) {
      yield { values: rowRecord(first + index), importJobId: jobId, line: rowLine(index, first) };
    }
  }
}

async function* datasetRows(client: HttpClient, dataset: string): AsyncGenerator<DatasetRow> {
  let after: string | null = null;
  do {
    const place: string = `/api/v1/datasets/${dataset}/rows?limit=${PAGE}${after === null ? "" : `&after=${after}`}`;
    const { status, body } = await client.call<{ items: readonly DatasetRow[] }>("GET", place);
    assert.equal(status, 200, JSON.stringify(body));
    yield* body.items;
    after = body.items.at(-1)?.position ?? null;
  } while (after !== null);
}
