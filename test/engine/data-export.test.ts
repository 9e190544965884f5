import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { stringify } from "csv-stringify/sync";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { testOnEach } from "./on-each-database.ts";
import { people, persons, startShippedJobs } from "./shipped-jobs.ts";
import { elapseUntilFinal } from "./support.ts";

const NASTY = [
  ["", '"', "a,b;c\td|e"],
  ["line\nbreak\r\nand\rmore", " spaces ", "''"],
  ["=1+1", "+49 170 123", "-5"],
  ["@SUM(A1)", "-A1", "\t=2"],
  ["Köln", "東京 🙂", "\ufeff"],
  ["__proto__", "null", "0"],
];

const asCsv = (records: readonly (readonly string[])[]) =>
  stringify(
    records.map((record) => [...record]),
    { quoted_match: /[\r\n]/ },
  );

testOnEach("exporting raw what was imported gives the same records back", async (start) => {
  const { importCsv, run, artifactText } = await start();
  const content = asCsv([["a", "b", "c"], ...NASTY]);
  await importCsv(content, { dataset: "nasty" });
  const job = await run("data-export", { dataset: "nasty", raw: true });
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  const text = await artifactText(job.id, "export.csv");
  assert.equal(text, content);
  assert.deepEqual(job.output, {
    rows: NASTY.length,
    bytes: Buffer.byteLength(text),
    sha256: createHash("sha256").update(text).digest("hex"),
  });
  assert.deepEqual(
    { done: job.progress.done, total: job.progress.total, unit: job.progress.unit },
    { done: 6, total: 6, unit: "rows" },
  );
});

test("cells that a spreadsheet would run are defused, numbers and phone numbers are not", async (t) => {
  const { importCsv, run, artifactText } = await startShippedJobs(t);
  await importCsv("=a,b,c\n=1+1,+49 170 123,-5\n@SUM(A1),-A1,+3.2e4\n", { dataset: "sheet" });
  const job = await run("data-export", { dataset: "sheet" });
  assert.equal(await artifactText(job.id, "export.csv"), "'=a,b,c\n'=1+1,+49 170 123,-5\n'@SUM(A1),'-A1,+3.2e4\n");
});

test("empty values of an only column come back", async (t) => {
  const { importCsv, run, artifactText, rowsOf } = await startShippedJobs(t);
  await importCsv('a\n1\n""\n2\n', { dataset: "one" });
  const job = await run("data-export", { dataset: "one" });
  const text = await artifactText(job.id, "export.csv");
  await importCsv(text, { dataset: "again" });
  assert.deepEqual(await rowsOf("again"), [["1"], [""], ["2"]]);
});

testOnEach("as NDJSON every row is an object, its values as they were in the file", async (start) => {
  const { importCsv, run, artifactText } = await start();
  await importCsv(asCsv([["a", "__proto__", "c"], ...NASTY]), { dataset: "nasty" });
  const job = await run("data-export", { dataset: "nasty", format: "ndjson" });
  const lines = (await artifactText(job.id, "export.ndjson")).split("\n");
  assert.equal(lines.pop(), "");
  assert.deepEqual(
    lines.map((line) => Object.entries(JSON.parse(line))),
    NASTY.map(([a, b, c]) => [
      ["a", a],
      ["__proto__", b],
      ["c", c],
    ]),
  );
});

testOnEach("from and to are days of the date column, both included", async (start) => {
  const { importCsv, run, artifactText } = await start();
  await importCsv(people(60), { dataset: "people", dateColumn: "day" });
  const job = await run("data-export", { dataset: "people", from: "2024-01-02", to: "2024-01-03" });
  const ids = (await artifactText(job.id, "export.csv")).trim().split("\n").slice(1);
  assert.deepEqual(
    ids,
    [1, 2, 29, 30, 57, 58].map((n) => persons(1, n)[0]?.join(",")),
  );
});

test("what cannot be exported is refused, and says why", async (t) => {
  const { importCsv, run, submit } = await startShippedJobs(t);
  await importCsv(people(3), { dataset: "people" });
  assert.equal((await run("data-export", { dataset: "nobody" })).error?.code, "unknown_dataset");
  assert.equal((await run("data-export", { dataset: "people", from: "2024-01-01" })).error?.code, "no_date_column");
  const refused: readonly object[] = [
    { dataset: "people", from: "2024-02-01", to: "2024-01-31" },
    { dataset: "people", from: "2024-02-30" },
    { dataset: "people", to: "tomorrow" },
    { dataset: "people", format: "xlsx" },
    { dataset: "people", limit: 5 },
  ];
  for (const input of refused)
    await assert.rejects(submit("data-export", input), { code: "invalid_input" }, JSON.stringify(input));
});

testOnEach("a dataset without rows is a file with its header", async (start) => {
  const { importCsv, run, artifactText } = await start();
  await importCsv("a,b\n", { dataset: "empty" });
  const job = await run("data-export", { dataset: "empty" });
  assert.equal(await artifactText(job.id, "export.csv"), "a,b\n");
  assert.equal((job.output as { rows: number }).rows, 0);
});

testOnEach(
  "the file is the same, byte for byte, after pauses, restarts and crashes, and holds only what was there at the start",
  async (start) => {
    const { importCsv, run, submit, artifactText, pawl } = await start();
    await importCsv(people(2_000), { dataset: "people" });
    await importCsv(people(500, 10_000), { dataset: "people" });
    const calm = await run("data-export", { dataset: "people" });
    // A loop that was held up catches up with a second: far from the end when the pause comes.
    const { id } = await submit("data-export", { dataset: "people", ratePerSecond: 1_000 });
    const untilDone = (rows: number) =>
      waitFor(async () => ((await pawl.manager.get(id))?.progress.done ?? 0) >= rows, { what: "rows of the export" });
    await untilDone(200);
    await importCsv(people(100, 90_000), { dataset: "people" });
    await pawl.manager.pause(id);
    await pawl.manager.waitUntil(id, "paused");
    await pawl.manager.resume(id);
    await untilDone(700);
    await pawl.crash();
    await untilDone(1_200);
    await pawl.restart();
    await untilDone(1_700);
    await pawl.crash();
    const job = await pawl.manager.waitUntil(id, "final");
    assert.equal(job.state, "succeeded", JSON.stringify(job.error));
    assert.deepEqual(job.output, calm.output);
    assert.equal(await artifactText(id, "export.csv"), await artifactText(calm.id, "export.csv"));
  },
);

testOnEach("an export ends with an error when its rows are rolled back under it", async (start) => {
  const clock = createFakeClock(0);
  const { importCsv, submit, pawl } = await start({ clock });
  const imported = await importCsv(people(3_000), { dataset: "people" });
  const { id } = await submit("data-export", { dataset: "people", ratePerSecond: 1_000 });
  await pawl.manager.waitUntil(id, "running");
  await pawl.manager.rollback(imported.id);
  await pawl.manager.waitUntil(imported.id, "rolled_back");
  const job = await elapseUntilFinal(clock, pawl, id);
  assert.equal(job.state, "failed");
  assert.ok(job.error?.code === "dataset_changed" || job.error?.code === "unknown_dataset", job.error?.code);
});
