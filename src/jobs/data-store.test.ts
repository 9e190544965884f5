import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, test } from "node:test";
import type { SourceContext } from "../index.ts";
import { createDataStore, type DataStore } from "./data-store.ts";
import type { DatasetPicture, DayRange } from "./dataset-rows.ts";
import type { DatasetShape } from "./import-plan.ts";

let folder = "";
let data: DataStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pawl-data-"));
  data = createDataStore({ path: join(folder, "data.db") });
});

afterEach(() => {
  data.close();
  rmSync(folder, { recursive: true });
});

const shape: DatasetShape = {
  columns: [
    { name: "id", type: "integer" },
    { name: "day", type: "date" },
  ],
  dayColumn: "day",
};
const context: SourceContext = { openFile: () => Promise.reject(new Error("a dataset needs no file")) };

const begin = (jobId: string, dataset = "people") => data.imports.begin({ jobId, run: 1, dataset, shape, total: 10 });

const dayOf = (n: number) => `2024-01-${String((n % 28) + 1).padStart(2, "0")}`;

function rowsFrom(first: number, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const n = first + index;
    return { line: n + 1, day: dayOf(n), values: [String(n), dayOf(n)] };
  });
}

const reject = (line: number) => ({ line, column: 1, reason: "no", value: "x", fields: ["x", "y"] });

async function idsOf(
  picture: DatasetPicture | null,
  range: DayRange = {},
  cursor: number | null = null,
): Promise<string[]> {
  assert.ok(picture);
  const ids: string[] = [];
  for await (const group of data.reader.rows(picture, range).entries(context, cursor)) {
    for (const { item } of group) ids.push(item[0] ?? "");
  }
  return ids;
}

const numbers = (first: number, count: number) => Array.from({ length: count }, (_, index) => String(first + index));

test("the file is for its owner only, and a second opening finds what is there", {
  skip: process.platform === "win32",
}, () => {
  const { id } = begin("job-1");
  data.imports.add(id, rowsFrom(1, 3), []);
  for (const suffix of ["", "-wal"]) assert.equal(statSync(join(folder, `data.db${suffix}`)).mode & 0o777, 0o600);
  data.close();
  data.close();
  data = createDataStore({ path: join(folder, "data.db") });
  assert.equal(data.imports.find("job-1")?.rows, 3);
});

test("a file of a newer version is refused", () => {
  data.close();
  const database = new DatabaseSync(join(folder, "data.db"));
  database.exec("PRAGMA user_version = 99");
  database.close();
  assert.throws(() => createDataStore({ path: join(folder, "data.db") }), /newer version/);
});

test("the catalog shows datasets with their imports, and pages of rows across imports", () => {
  const first = begin("job-1");
  const second = begin("job-2");
  const other = begin("job-3", "others");
  data.imports.add(first.id, rowsFrom(1, 25), []);
  data.imports.add(second.id, rowsFrom(26, 5), []);
  data.imports.add(other.id, rowsFrom(90, 1), []);
  data.imports.add(first.id, rowsFrom(100, 2), [reject(7)]);
  const [others, people] = data.catalog.list();
  assert.equal(others?.name, "others");
  assert.deepEqual(
    { name: people?.name, columns: people?.columns, rows: people?.rows },
    { name: "people", columns: ["id", "day"], rows: 32 },
  );
  assert.deepEqual(
    people?.imports.map(({ jobId, rows }) => ({ jobId, rows })),
    [
      { jobId: "job-1", rows: 27 },
      { jobId: "job-2", rows: 5 },
    ],
  );
  assert.match(people?.imports[0]?.at ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const ids: (string | undefined)[] = [];
  let after: string | null = null;
  for (;;) {
    const page = data.catalog.rows("people", { limit: 6, after });
    assert.ok(page);
    ids.push(...page.map((row) => row.values.id));
    after = page.at(-1)?.position ?? null;
    if (page.length < 6) break;
  }
  assert.deepEqual(ids, [...numbers(1, 25), "100", "101", ...numbers(26, 5)]);
  assert.deepEqual(data.catalog.rows("others", { limit: 9, after: null })?.[0]?.values, { id: "90", day: dayOf(90) });
});

test("the catalog knows no dataset that is not there, and no position that it did not give", () => {
  assert.equal(data.catalog.rows("nobody", { limit: 1, after: null }), null);
  begin("job-1");
  assert.deepEqual(data.catalog.rows("people", { limit: 1, after: null }), []);
  assert.throws(() => data.catalog.rows("people", { limit: 1, after: "x" }), { code: "invalid_request" });
});

test("a column named like a property of every object is a column", () => {
  const columns = [{ name: "__proto__", type: "string" } as const];
  const { id } = data.imports.begin({
    jobId: "job-1",
    run: 1,
    dataset: "odd",
    shape: { columns, dayColumn: null },
    total: 1,
  });
  data.imports.add(id, [{ line: 2, day: null, values: ["x"] }], []);
  assert.deepEqual(Object.entries(data.catalog.rows("odd", { limit: 1, after: null })?.[0]?.values ?? {}), [
    ["__proto__", "x"],
  ]);
});

test("removing takes exactly the import's rows and rejects, piece by piece, and the dataset with its last import", () => {
  const first = begin("job-1");
  const second = begin("job-2");
  data.imports.add(first.id, rowsFrom(1, 4_500), [reject(1), reject(2)]);
  data.imports.add(second.id, rowsFrom(9_000, 3), [reject(3)]);
  const left = [data.imports.removeSome("job-1"), data.imports.removeSome("job-1"), data.imports.removeSome("job-1")];
  assert.deepEqual(left, [502, 2, 0]);
  assert.equal(data.imports.find("job-1"), null);
  assert.equal(data.imports.removeSome("job-1"), 0);
  assert.deepEqual(
    data.catalog.rows("people", { limit: 10, after: null })?.map((row) => row.values.id),
    numbers(9_000, 3),
  );
  assert.equal(data.imports.rejects(second.id, { after: 0, limit: 10 }).length, 1);
  while (data.imports.removeSome("job-2") > 0);
  assert.deepEqual(data.catalog.list(), []);
  assert.equal(data.imports.shapeOf("people"), null);
});

test("a picture holds the rows of its moment, in import order, and goes on behind any row", async () => {
  const first = begin("job-1");
  const second = begin("job-2");
  data.imports.add(first.id, rowsFrom(1, 1_500), []);
  data.imports.add(second.id, rowsFrom(5_000, 10), []);
  data.imports.finish(first.id);
  const picture = data.reader.picture("people");
  assert.equal(picture?.unfinished, 1);
  data.imports.add(second.id, rowsFrom(5_010, 10), []);
  data.imports.add(begin("job-3").id, rowsFrom(7_000, 5), []);
  const all = [...numbers(1, 1_500), ...numbers(5_000, 10)];
  assert.deepEqual(await idsOf(picture), all);
  const cursors: number[] = [];
  assert.ok(picture);
  for await (const group of data.reader.rows(picture).entries(context, null)) {
    for (const { cursor } of group) if (typeof cursor === "number") cursors.push(cursor);
  }
  for (const index of [0, 998, 999, 1_499, 1_500, 1_509]) {
    assert.deepEqual(await idsOf(picture, {}, cursors[index]), all.slice(index + 1));
  }
});

test("a range of days includes both ends, and leaves out rows without a day", async () => {
  const { id } = begin("job-1");
  data.imports.add(id, [...rowsFrom(0, 56), { line: 99, day: null, values: ["none", ""] }], []);
  const picture = data.reader.picture("people");
  assert.deepEqual(await idsOf(picture, { from: "2024-01-27" }), ["26", "27", "54", "55"]);
  assert.deepEqual(await idsOf(picture, { to: "2024-01-01" }), ["0", "28"]);
  assert.deepEqual(await idsOf(picture, { from: "2024-01-02", to: "2024-01-02" }), ["1", "29"]);
  assert.equal((await idsOf(picture)).length, 57);
});

test("rows that are removed while they are read are noticed", async () => {
  const { id } = begin("job-1");
  data.imports.add(id, rowsFrom(1, 5_000), []);
  const picture = data.reader.picture("people");
  data.imports.removeSome("job-1");
  await assert.rejects(idsOf(picture), { code: "dataset_changed" });
  while (data.imports.removeSome("job-1") > 0);
  await assert.rejects(idsOf(picture), { code: "dataset_changed" });
});

test("wide rows are held in memory a few at a time", () => {
  const { id } = begin("job-1");
  const wide = "x".repeat(100_000);
  data.imports.add(
    id,
    rowsFrom(1, 3).map((row) => ({ ...row, values: [wide, row.day] })),
    [],
  );
  assert.equal(data.reader.picture("people")?.rowsAtOnce, 5);
});
