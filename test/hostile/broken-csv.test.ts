// Broken CSV files, sent as a person would: the job fails and says where, and not one row stays.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "../../src/domain/job.ts";
import { createHttpClient } from "../support/http-client.ts";
import type { StoredState } from "./stored-state.ts";
import { startWorld } from "./world.ts";

const FILES: readonly (readonly [what: string, bytes: string, code: string, path: "canonical" | "earlier"])[] = [
  ["an empty file", "", "empty_file", "canonical"],
  ["a row with a cell too many", "name,phone\nAda,1\nBob,2,3\n", "row_rejected", "canonical"],
  ["a row with a cell too few", "name,phone\nAda,1\nBob\n", "row_rejected", "earlier"],
  ["a quote that stays open", 'name,phone\nAda,"1\nBob,2\n', "unterminated_quote", "canonical"],
  ["a column twice", "name,name\nAda,1\n", "bad_header", "earlier"],
  ["a picture", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_csv", "canonical"],
  ["UTF-16", "\xff\xfen\0a\0m\0e\0\n\0", "wrong_encoding", "earlier"],
  ["Latin-1 in the last row", "name,phone\nAda,1\nJos\xe9,2\n", "wrong_encoding", "canonical"],
];

test("a broken CSV file fails its job, with a code, and leaves no row behind", async (t) => {
  const { url, stored } = await startWorld(t);
  const http = createHttpClient(url);
  const rowsBefore = dataOf(stored.read());
  for (const [what, bytes, code, path] of FILES) {
    const form = new FormData();
    if (path === "canonical") {
      form.set("job", JSON.stringify({ type: "csv-import", input: { dataset: "broken" } }));
    }
    form.set("file", new Blob([Buffer.from(bytes, "latin1")]), "rows.csv");
    const target = path === "canonical" ? "/api/v1/jobs" : "/uploadCSV";
    const response = await fetch(url + target, { method: "POST", body: form });
    const answer = (await response.json()) as Job & { readonly "Job ID": string };
    assert.equal(response.status, path === "canonical" ? 201 : 200, what);
    const id = answer.id ?? (await idOf(http, answer["Job ID"]));
    await http.waitUntil(id, "final");
    const job = await http.get(id);
    assert.ok(job.state === "failed" || job.state === "rolled_back", `${what}: ${job.state}`);
    assert.equal(job.error?.code, code, `${what}: ${job.error?.message}`);
    assert.match(job.error?.message ?? "", /\bline \d|\bempty\b/i, what);
  }
  assert.deepEqual(dataOf(stored.read()), rowsBefore);
});

async function idOf(http: ReturnType<typeof createHttpClient>, key: string): Promise<string> {
  const { body } = await http.call<{ items: readonly Job[] }>("GET", `/api/v1/jobs?key=${key}`);
  const [job] = body.items;
  assert.ok(job);
  return job.id;
}

/** The rows of all datasets, and what is known of the datasets. How far a job came is noted for ever. */
const dataOf = (state: StoredState) =>
  Object.entries(state).filter(([table]) => table.startsWith("data.db: ") && !table.includes("effects"));
