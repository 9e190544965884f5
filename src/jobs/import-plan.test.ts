import assert from "node:assert/strict";
import { test } from "node:test";
import { createSorter, type DatasetShape, planImport } from "./import-plan.ts";

const shape: DatasetShape = {
  columns: [
    { name: "id", type: "integer" },
    { name: "name", type: "string" },
    { name: "born", type: "date" },
  ],
  dayColumn: "born",
};

const fileWith = (...columns: string[]) => ({ columns, line: 1 });

test("the first import fixes the columns, and the first date column is the date column", () => {
  const plan = planImport(fileWith("id", "name", "born", "died"), null, {
    columns: { id: "integer", born: "date", died: "date" },
  });
  assert.deepEqual(plan, {
    columns: [...shape.columns, { name: "died", type: "date" }],
    dayColumn: "born",
    order: [0, 1, 2, 3],
  });
});

test("a date column that is named is of type date", () => {
  const plan = planImport(fileWith("a", "b"), null, { dateColumn: "b" });
  assert.deepEqual(plan.columns[1], { name: "b", type: "date" });
  assert.equal(plan.dayColumn, "b");
});

test("without types there is no date column", () => {
  assert.equal(planImport(fileWith("a", "b"), null, {}).dayColumn, null);
});

test("a later import is mapped by name, and inherits the types", () => {
  const plan = planImport(fileWith("born", "id", "name"), shape, {});
  assert.deepEqual(plan, { ...shape, order: [1, 2, 0] });
});

test("a later import may check more, and never other types", () => {
  assert.equal(
    planImport(fileWith("id", "name", "born"), shape, { columns: { name: "boolean" } }).columns[1]?.type,
    "boolean",
  );
  assert.throws(() => planImport(fileWith("id", "name", "born"), shape, { columns: { id: "date" } }), {
    code: "columns_differ",
    message: /"id" is of type integer, fixed by its first import; this import says date/,
  });
  assert.throws(() => planImport(fileWith("id", "name", "born"), shape, { dateColumn: "name" }), {
    code: "columns_differ",
    message: /"born", fixed/,
  });
});

test("other columns than the dataset's are refused, and named", () => {
  assert.throws(() => planImport(fileWith("id", "Name", "born"), shape, {}), {
    code: "columns_differ",
    message: /lacks "name" and also has "Name"/,
    details: { missing: ["name"], extra: ["Name"] },
  });
});

test("a column that is named twice or not at all is refused with its number", () => {
  assert.throws(() => planImport(fileWith("a", "b", "a"), null, {}), {
    code: "bad_header",
    message: /columns 1 and 3 are both named "a"/,
  });
  assert.throws(() => planImport(fileWith("a", " "), null, {}), {
    code: "bad_header",
    message: /column 2 has no name/,
    details: { line: 1, column: 2 },
  });
  assert.throws(() => planImport(fileWith(...Array.from({ length: 2_001 }, (_, n) => `c${n}`)), null, {}), {
    code: "bad_header",
  });
});

test("wishes for columns that the file does not have are refused", () => {
  assert.throws(() => planImport(fileWith("a"), null, { columns: { b: "integer" } }), {
    code: "unknown_column",
    message: /no column "b"/,
  });
  assert.throws(() => planImport(fileWith("a"), null, { dateColumn: "b" }), { code: "unknown_column" });
});

test("of many columns a message names the first twenty, with what cannot be seen in them", () => {
  const names = ["\ufeffid", "n".repeat(300), ...Array.from({ length: 30 }, (_, n) => `c${n}`)];
  assert.throws(() => planImport(fileWith(...names), null, { dateColumn: "id" }), {
    message: /"\\u\{FEFF\}id", "n{200}…", "c0", .*"c17" and 12 more\. Correct/,
  });
});

test("a date column of another type is refused", () => {
  assert.throws(() => planImport(fileWith("a"), null, { dateColumn: "a", columns: { a: "integer" } }), {
    message: /must be of type date, not integer/,
  });
});

test("records are sorted into rows, in the dataset's order of columns, and rejects with line, column and reason", () => {
  const sort = createSorter(planImport(fileWith("born", "id", "name"), shape, {}));
  const sorted = sort([
    { line: 2, fields: ["2000-01-02T10:00:00Z", "1", "Ada"], problem: null },
    { line: 3, fields: ["", "", ""], problem: null },
    { line: 4, fields: ["2000-01-02", "x", "Bob"], problem: null },
    { line: 5, fields: ["2000-01-02"], problem: { column: 2, reason: "too short" } },
  ]);
  assert.deepEqual(sorted.rows, [
    { line: 2, day: "2000-01-02", values: ["1", "Ada", "2000-01-02T10:00:00Z"] },
    { line: 3, day: null, values: ["", "", ""] },
  ]);
  assert.deepEqual(
    sorted.rejects.map(({ line, column, reason, value }) => ({ line, column, reason, value })),
    [
      { line: 4, column: 2, reason: '"id" must be a whole number, such as -12', value: "x" },
      { line: 5, column: 2, reason: "too short", value: "" },
    ],
  );
});
