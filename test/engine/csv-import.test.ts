import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { testOnEach } from "./on-each-database.ts";
import { people, persons, startShippedJobs } from "./shipped-jobs.ts";
import { elapseUntilFinal } from "./support.ts";

const TYPES = { id: "integer", day: "date" } as const;

testOnEach("rows of a file become rows of a dataset, and the progress counts them", async (start) => {
  const { importCsv, data, rowsOf } = await start();
  const job = await importCsv(people(2_500), { dataset: "people", columns: TYPES });
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  assert.deepEqual(job.output, { rows: 2_500, rejected: 0 });
  assert.deepEqual(
    { done: job.progress.done, total: job.progress.total, unit: job.progress.unit },
    { done: 2_500, total: 2_500, unit: "rows" },
  );
  assert.deepEqual(await rowsOf("people"), persons(2_500));
  assert.deepEqual(
    (await data.catalog.list()).map(({ name, rows, imports }) => ({
      name,
      rows,
      jobs: imports.map((one) => one.jobId),
    })),
    [{ name: "people", rows: 2_500, jobs: [job.id] }],
  );
});

testOnEach("two swapped columns are refused with line, column and reason, and nothing stays", async (start) => {
  const { importCsv, data } = await start();
  const swapped = people(50).replace("id,name", "name,id");
  const job = await importCsv(swapped, { dataset: "people", columns: TYPES });
  assert.equal(job.state, "rolled_back");
  assert.equal(job.error?.code, "row_rejected");
  assert.match(job.error.message, /line 2, column 2: "id" must be a whole number.*"person 0"/);
  const details = job.error.details;
  assert.ok(details && typeof details === "object" && "rows" in details && Array.isArray(details.rows));
  assert.equal(details.rows.length, 20);
  assert.deepEqual(details.rows[1], {
    line: 3,
    column: 2,
    reason: '"id" must be a whole number, such as -12',
    value: "person 1",
  });
  assert.deepEqual(await data.catalog.list(), []);
});

testOnEach("rows that do not fit are put aside in rejected.csv while maxRejected allows it", async (start) => {
  const { importCsv, artifactText, rowsOf } = await start();
  const content = 'id;name\n1;Ada\nx;"B;ob"\n3\n4;Dora;4\n5;"E"e\n6;Fay\n';
  const job = await importCsv(content, { dataset: "people", columns: { id: "integer" }, maxRejected: 4, batchSize: 2 });
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  assert.deepEqual(job.output, { rows: 2, rejected: 4 });
  assert.deepEqual(await rowsOf("people"), [
    ["1", "Ada"],
    ["6", "Fay"],
  ]);
  assert.deepEqual((await artifactText(job.id, "rejected.csv")).split("\n"), [
    "line,reason,id,name",
    '3,"column 1: ""id"" must be a whole number, such as -12",x,B;ob',
    '4,"column 2: the record has 1 field, but the header has 2",3',
    '5,"column 3: the record has 3 fields, but the header has 2",4,Dora,4',
    '6,column 2: text follows the closing quote,5,"""E""e"',
    "",
  ]);
  const refused = await importCsv(content, {
    dataset: "people",
    columns: { id: "integer" },
    maxRejected: 3,
    batchSize: 2,
  });
  assert.equal(refused.state, "rolled_back");
  assert.match(refused.error?.message ?? "", /^More than 3 rows were rejected: line 3, column 1/);
  assert.equal((await rowsOf("people")).length, 2);
});

testOnEach("a later import is mapped by name; other columns are refused, and change nothing", async (start) => {
  const { importCsv, rowsOf } = await start();
  await importCsv("id,name\n1,Ada\n", { dataset: "people" });
  const mapped = await importCsv("name\tid\nBob\t2\n", { dataset: "people", delimiter: "tab" });
  assert.equal(mapped.state, "succeeded", JSON.stringify(mapped.error));
  const refused = await importCsv("id,nom\n3,Zoé\n", { dataset: "people" });
  assert.equal(refused.error?.code, "columns_differ");
  assert.deepEqual(refused.error.details, { missing: ["name"], extra: ["nom"] });
  assert.deepEqual(await rowsOf("people"), [
    ["1", "Ada"],
    ["2", "Bob"],
  ]);
});

test("a file that is only a header imports no rows; a file without one is refused", async (t) => {
  const { importCsv, data } = await startShippedJobs(t);
  const header = await importCsv("id,name\n", { dataset: "people" });
  assert.deepEqual(header.output, { rows: 0, rejected: 0 });
  assert.deepEqual((await data.catalog.list())[0]?.columns, ["id", "name"]);
  const empty = await importCsv("", { dataset: "nothing" });
  assert.equal(empty.error?.code, "empty_file");
  const latin1 = await importCsv(Buffer.from("id,name\n1,Köln\n", "latin1"), { dataset: "nothing" });
  assert.equal(latin1.error?.code, "wrong_encoding");
  assert.deepEqual(
    (await data.catalog.list()).map((dataset) => dataset.name),
    ["people"],
  );
});

test("an input that is not valid is refused before a job exists", async (t) => {
  const { submit, upload } = await startShippedJobs(t);
  const file = await upload("a\n1\n");
  const refused: readonly object[] = [
    { file, dataset: "a b" },
    { file, dataset: "" },
    { file: "x", dataset: "people" },
    { dataset: "people" },
    { file, dataset: "people", delimiter: ",," },
    { file, dataset: "people", columns: { a: "text" } },
    { file, dataset: "people", maxRejected: -1 },
    { file, dataset: "people", batchSize: 0 },
    { file, dataset: "people", ratePerSecond: 0 },
    { file, dataset: "people", rowLimit: 1 },
  ];
  for (const input of refused)
    await assert.rejects(submit("csv-import", input), { code: "invalid_input" }, JSON.stringify(input));
});

test("one unfinished import per dataset; other datasets are free", async (t) => {
  const { pawl, submit, upload, importCsv, rowsOf } = await startShippedJobs(t);
  const holder = await submit("csv-import", { file: await upload(people(100)), dataset: "people", ratePerSecond: 1 });
  const second = submit("csv-import", { file: await upload(people(1)), dataset: "people" });
  await assert.rejects(second, { code: "exclusive_group_taken", extras: { holder: holder.id } });
  assert.equal((await importCsv(people(10), { dataset: "others" })).state, "succeeded");
  await pawl.manager.cancel(holder.id);
  await pawl.manager.waitUntil(holder.id, "final");
  assert.equal((await importCsv(people(7), { dataset: "people" })).state, "succeeded");
  assert.equal((await rowsOf("people")).length, 7);
});

testOnEach("a paused import goes on with the next row", async (start) => {
  const clock = createFakeClock(0);
  const { pawl, submit, upload, rowsOf, data } = await start({ clock });
  const { id } = await submit("csv-import", {
    file: await upload(people(600)),
    dataset: "people",
    ratePerSecond: 1_000,
  });
  await pawl.manager.waitUntil(id, "running");
  await pawl.manager.pause(id);
  await pawl.manager.waitUntil(id, "paused");
  assert.ok(((await data.catalog.list())[0]?.rows ?? 0) < 600);
  await pawl.manager.resume(id);
  const job = await elapseUntilFinal(clock, pawl, id);
  assert.deepEqual(job.output, { rows: 600, rejected: 0 });
  assert.deepEqual(await rowsOf("people"), persons(600));
});

testOnEach("a cancelled import leaves none of its rows and all rows of the others", async (start) => {
  const { pawl, submit, upload, importCsv, rowsOf } = await start();
  await importCsv(people(300), { dataset: "people" });
  await importCsv(people(20), { dataset: "others" });
  const { id } = await submit("csv-import", {
    file: await upload(people(5_000, 1_000)),
    dataset: "people",
    ratePerSecond: 1_000,
  });
  await untilRows(async () => (await rowsOf("people")).length > 300);
  await pawl.manager.cancel(id);
  const job = await pawl.manager.waitUntil(id, "final");
  assert.equal(job.state, "rolled_back");
  assert.deepEqual(await rowsOf("people"), persons(300));
  assert.deepEqual(await rowsOf("others"), persons(20));
});

testOnEach("a finished import can be rolled back, and the dataset goes with its last import", async (start) => {
  const { pawl, importCsv, rowsOf, data } = await start();
  const first = await importCsv(people(9_000), { dataset: "people" });
  const second = await importCsv(people(30, 50_000), { dataset: "people" });
  await pawl.manager.rollback(first.id);
  assert.equal((await pawl.manager.waitUntil(first.id, "final")).state, "rolled_back");
  assert.deepEqual(await rowsOf("people"), persons(30, 50_000));
  await pawl.manager.rollback(second.id);
  await pawl.manager.waitUntil(second.id, "final");
  assert.deepEqual(await data.catalog.list(), []);
});

testOnEach("a retry from the start has each row once, even when the run before kept its rows", async (start) => {
  const clock = createFakeClock(0);
  const { pawl, submit, upload, rowsOf } = await start({ clock });
  const { id } = await submit("csv-import", {
    file: await upload(people(800)),
    dataset: "people",
    ratePerSecond: 1_000,
  });
  await untilRows(async () => (await rowsOf("people")).length > 0);
  await pawl.manager.cancel(id, { rollback: false });
  await pawl.manager.waitUntil(id, "cancelled");
  assert.ok((await rowsOf("people")).length > 0);
  await pawl.manager.retry(id, { from: "start" });
  const job = await elapseUntilFinal(clock, pawl, id);
  assert.deepEqual(job.output, { rows: 800, rejected: 0 });
  assert.deepEqual(await rowsOf("people"), persons(800));
});

testOnEach("an import that crashes again and again has each row once, and the rejects too", async (start) => {
  const { pawl, submit, upload, rowsOf, artifactText } = await start();
  const rows = people(3_000).replaceAll(/^(\d*7),/gm, "x$1,");
  const { id } = await submit("csv-import", {
    file: await upload(rows),
    dataset: "people",
    columns: TYPES,
    maxRejected: 1_000,
    ratePerSecond: 4_000,
  });
  for (const wanted of [1, 600, 1_500]) {
    await untilRows(async () => (await rowsOf("people")).length >= wanted);
    await pawl.crash();
  }
  const job = await pawl.manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  assert.deepEqual(job.output, { rows: 2_700, rejected: 300 });
  assert.deepEqual(
    await rowsOf("people"),
    persons(3_000).filter(([number = ""]) => !number.endsWith("7")),
  );
  const rejected = (await artifactText(id, "rejected.csv")).trim().split("\n").slice(1);
  assert.deepEqual(
    rejected.map((line) => line.slice(0, line.indexOf(","))),
    Array.from({ length: 300 }, (_, index) => String(index * 10 + 9)),
  );
});

const VISITS = "id,born,visited_on,note\n1,,2024-05-01,first\n2,1990-01-02,2024-05-02T10:00:00Z,second\n";

testOnEach(
  "the first column with a date in the first row becomes the date column when that is asked for",
  async (start) => {
    const { importCsv, data } = await start();
    const job = await importCsv(VISITS, { dataset: "visits", detectDateColumn: true });
    assert.equal(job.state, "succeeded", JSON.stringify(job.error));
    assert.deepEqual(await data.imports.shapeOf("visits"), {
      columns: [
        { name: "id", type: "string" },
        { name: "born", type: "string" },
        { name: "visited_on", type: "date" },
        { name: "note", type: "string" },
      ],
      dayColumn: "visited_on",
    });
    await importCsv(VISITS, { dataset: "plain" });
    assert.equal((await data.imports.shapeOf("plain"))?.dayColumn, null);
  },
);

test("a detected date column takes dates only, and an export goes by it", async (t) => {
  const { importCsv, run, rowsOf, artifactText } = await startShippedJobs(t);
  const refused = await importCsv(`${VISITS}3,,soon,third\n`, { dataset: "visits", detectDateColumn: true });
  assert.equal(refused.state, "rolled_back");
  assert.match(refused.error?.message ?? "", /line 4, column 3: "visited_on" must be a date.*"soon"/);
  assert.deepEqual(await rowsOf("visits"), []);
  await importCsv(VISITS, { dataset: "visits", detectDateColumn: true });
  const { id } = await run("data-export", { dataset: "visits", from: "2024-05-02", to: "2024-05-02" });
  assert.equal(await artifactText(id, "export.csv"), `${VISITS.split("\n").toSpliced(1, 1).join("\n")}`);
});

test("what is said of columns goes before what is detected", async (t) => {
  const { importCsv, data } = await startShippedJobs(t);
  const said = [
    { columns: { visited_on: "string" }, dayColumn: null },
    { columns: { born: "date" }, dayColumn: "born" },
    { dateColumn: "born", dayColumn: "born" },
    { columns: { id: "integer" }, dayColumn: "visited_on" },
  ];
  for (const [index, { dayColumn, ...input }] of said.entries()) {
    const dataset = `visits-${index}`;
    const job = await importCsv(VISITS, { dataset, detectDateColumn: true, ...input });
    assert.equal(job.state, "succeeded", JSON.stringify(job.error));
    assert.equal((await data.imports.shapeOf(dataset))?.dayColumn, dayColumn, JSON.stringify(input));
  }
});

test("where there is no date to detect, the file is imported as before", async (t) => {
  const { importCsv, data } = await startShippedJobs(t);
  const files = ["id,day\n", "id,day\n1,soon\n2,2024-05-01\n", "id,day\n1,2023-02-29\n", "id,day\n1,\n"];
  for (const [index, content] of files.entries()) {
    const dataset = `plain-${index}`;
    const job = await importCsv(content, { dataset, detectDateColumn: true });
    assert.equal(job.state, "succeeded", JSON.stringify(job.error));
    assert.equal((await data.imports.shapeOf(dataset))?.dayColumn, null, content);
  }
  const empty = await importCsv("", { dataset: "empty", detectDateColumn: true });
  assert.equal(empty.error?.code, "empty_file");
});

test("a dataset that is there keeps its shape, whatever would be detected", async (t) => {
  const { importCsv, data, rowsOf } = await startShippedJobs(t);
  await importCsv("id,day\n1,soon\n", { dataset: "plain" });
  await importCsv("id,day\n2,2024-05-01\n", { dataset: "plain", detectDateColumn: true });
  assert.equal((await data.imports.shapeOf("plain"))?.dayColumn, null);
  await importCsv(VISITS, { dataset: "visits", dateColumn: "visited_on" });
  const swapped = await importCsv("note,visited_on,born,id\n2024-01-01,2024-05-03,,3\n", {
    dataset: "visits",
    detectDateColumn: true,
  });
  assert.equal(swapped.state, "succeeded", JSON.stringify(swapped.error));
  assert.equal((await data.imports.shapeOf("visits"))?.dayColumn, "visited_on");
  assert.deepEqual((await rowsOf("visits")).at(-1), ["3", "", "2024-05-03", "2024-01-01"]);
});

test("a column that is named as the date column takes dates only, without a type for it", async (t) => {
  const { importCsv, data, rowsOf } = await startShippedJobs(t);
  const bad = "id,visited_on\n1,2024-05-01\n2,\n3,01.05.2024\n";
  const refused = await importCsv(bad, { dataset: "baseline", dateColumn: "visited_on" });
  assert.equal(refused.state, "rolled_back");
  assert.match(refused.error?.message ?? "", /line 4, column 2: "visited_on" must be a date.*"01\.05\.2024"/);
  const good = await importCsv(bad.replace("01.05.2024", "2024-05-03"), {
    dataset: "baseline",
    dateColumn: "visited_on",
  });
  assert.deepEqual(good.output, { rows: 3, rejected: 0 });
  assert.equal((await data.imports.shapeOf("baseline"))?.dayColumn, "visited_on");
  assert.equal((await rowsOf("baseline")).length, 3);
});

test("a row with a field too many is told with its line, and takes the whole import with it", async (t) => {
  const { importCsv, rowsOf, data } = await startShippedJobs(t);
  const input = { dataset: "baseline", detectDateColumn: true };
  const ragged = await importCsv("id,day\n1,2024-05-01\n2,2024-05-02,more\n3,2024-05-03\n", input);
  assert.deepEqual([ragged.state, ragged.error?.code], ["rolled_back", "row_rejected"]);
  assert.match(ragged.error?.message ?? "", /line 3, column 3: the record has 3 fields, but the header has 2/);
  assert.deepEqual(await data.catalog.list(), []);
  const first = await importCsv("id,day\n1\n2,2024-05-02\n", input);
  assert.match(first.error?.message ?? "", /line 2, column 2: the record has 1 field, but the header has 2/);
  await importCsv("id,day\n1,2024-05-01\n", input);
  assert.deepEqual(await rowsOf("baseline"), [["1", "2024-05-01"]]);
});

test("an import that crashes keeps the date column that it detected", async (t) => {
  const { pawl, submit, upload, rowsOf, data } = await startShippedJobs(t);
  const { id } = await submit("csv-import", {
    file: await upload(people(600)),
    dataset: "people",
    detectDateColumn: true,
    ratePerSecond: 2_000,
  });
  await untilRows(async () => (await rowsOf("people")).length > 0);
  await pawl.crash();
  assert.deepEqual((await pawl.manager.waitUntil(id, "final")).output, { rows: 600, rejected: 0 });
  assert.equal((await data.imports.shapeOf("people"))?.dayColumn, "day");
  assert.deepEqual(await rowsOf("people"), persons(600));
});

const untilRows = (isThere: () => Promise<boolean>) => waitFor(isThere, { what: "rows of the import" });
