// What the data store promises in either database.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openPostgresData, openSqliteData, type TestData } from "../../../test/support/data-store.ts";
import { changeData } from "../../../test/support/import-writer.ts";
import { testPostgres } from "../../../test/support/postgres.ts";
import type { SourceContext } from "../../index.ts";
import type { DatasetShape, PlannedRow, Reject } from "../import-plan.ts";
import type { DataStore, DatasetPicture, DayRange } from "./data-store.ts";

const postgres = await testPostgres();

const shape: DatasetShape = {
  columns: [
    { name: "id", type: "integer" },
    { name: "day", type: "date" },
  ],
  dayColumn: "day",
};
const context: SourceContext = { openFile: () => Promise.reject(new Error("a dataset needs no file")) };
const ALL = { limit: 100_000, after: null };

const dayOf = (n: number) => `2024-01-${String((n % 28) + 1).padStart(2, "0")}`;

function rowsFrom(first: number, count: number): readonly PlannedRow[] {
  return Array.from({ length: count }, (_, index) => {
    const n = first + index;
    return { line: n + 1, day: dayOf(n), values: [String(n), dayOf(n)] };
  });
}

const reject = (line: number): Reject => ({ line, column: 1, reason: "no", value: "x", fields: ["x", "y"] });
const numbers = (first: number, count: number) => Array.from({ length: count }, (_, index) => String(first + index));

interface Filled {
  readonly dataset?: string;
  readonly rows?: readonly PlannedRow[];
  readonly rejects?: readonly Reject[];
}

/** Short words for what the tests do to a data store. */
function tools(data: DataStore) {
  const begin = (jobId: string, dataset = "people") =>
    changeData(data, (imports) => imports.begin({ jobId, run: 1, dataset, shape, total: 10 }));
  const add = (importId: number, rows: readonly PlannedRow[], rejects: readonly Reject[] = []) =>
    changeData(data, (imports) => imports.add({ importId, rows, rejects, maxRejected: 1_000 }));
  return {
    begin,
    add,
    /** Begins an import and adds to it. Answers its id. */
    async fill(jobId: string, { dataset, rows = [], rejects }: Filled): Promise<number> {
      const { id } = await begin(jobId, dataset);
      await add(id, rows, rejects);
      return id;
    },
    finish: (importId: number) => changeData(data, (imports) => imports.finish(importId)),
    removeSome: (jobId: string) => changeData(data, (imports) => imports.removeSome(jobId)),
    async removeAll(jobId: string): Promise<void> {
      while ((await changeData(data, (imports) => imports.removeSome(jobId))) > 0);
    },
    async idsOf(picture: DatasetPicture | null, range: DayRange = {}, cursor: number | null = null) {
      assert.ok(picture);
      const ids: string[] = [];
      for await (const group of data.reader.rows(picture, range).entries(context, cursor)) {
        for (const { item } of group) ids.push(item[0] ?? "");
      }
      return ids;
    },
  };
}

type World = ReturnType<typeof tools> & { readonly data: DataStore };

const CHECKS: Readonly<Record<string, (world: World) => Promise<void>>> = {
  "the catalog shows datasets with their imports, and pages of rows across imports": async ({ data, fill, add }) => {
    const first = await fill("job-1", { rows: rowsFrom(1, 25) });
    await fill("job-2", { rows: rowsFrom(26, 5) });
    await fill("job-3", { dataset: "others", rows: rowsFrom(90, 1) });
    await fill("job-4", { dataset: "Zebras" });
    await add(first, rowsFrom(100, 2), [reject(7)]);
    const [zebras, others, people] = await data.catalog.list();
    assert.deepEqual([zebras?.name, zebras?.rows, others?.name], ["Zebras", 0, "others"]);
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
      const page = await data.catalog.rows("people", { limit: 6, after });
      assert.ok(page);
      ids.push(...page.map((row) => row.values.id));
      after = page.at(-1)?.position ?? null;
      if (page.length < 6) break;
    }
    assert.deepEqual(ids, [...numbers(1, 25), "100", "101", ...numbers(26, 5)]);
    const [other] = (await data.catalog.rows("others", { limit: 9, after: null })) ?? [];
    assert.deepEqual([other?.values, other?.line, other?.importJobId], [{ id: "90", day: dayOf(90) }, 91, "job-3"]);
  },

  "the catalog knows no dataset that is not there, and no position that it did not give": async ({ data, begin }) => {
    assert.equal(await data.catalog.rows("nobody", { limit: 1, after: null }), null);
    await begin("job-1");
    assert.deepEqual(await data.catalog.rows("people", { limit: 1, after: null }), []);
    for (const after of ["x", "-1", "9007199254740993"]) {
      await assert.rejects(data.catalog.rows("people", { limit: 1, after }), { code: "invalid_request" });
      await assert.rejects(data.teams.teams({ limit: 1, after }), { code: "invalid_request" });
    }
  },

  "a column named like a property of every object is a column": async ({ data }) => {
    const columns = [{ name: "__proto__", type: "string" } as const];
    const { id } = await changeData(data, (imports) =>
      imports.begin({ jobId: "job-1", run: 1, dataset: "odd", shape: { columns, dayColumn: null }, total: 1 }),
    );
    const rows = [{ line: 2, day: null, values: ["x"] }];
    await changeData(data, (imports) => imports.add({ importId: id, rows, rejects: [], maxRejected: 0 }));
    const [row] = (await data.catalog.rows("odd", { limit: 1, after: null })) ?? [];
    assert.deepEqual(Object.entries(row?.values ?? {}), [["__proto__", "x"]]);
  },

  "an import is found as it stands, with its run, its total and its counts": async ({ data, fill, begin }) => {
    const id = await fill("job-1", { rows: rowsFrom(1, 3), rejects: [reject(9)] });
    assert.deepEqual(await data.imports.find("job-1"), { id, run: 1, total: 10, rows: 3, rejected: 1 });
    assert.equal(await data.imports.find("job-2"), null);
    await assert.rejects(begin("job-1"), /unique/i);
    assert.deepEqual(await data.imports.shapeOf("people"), shape);
    assert.equal(await data.imports.shapeOf("nobody"), null);
  },

  "whatever a file may hold comes back: cells, rejects, names of columns and of teams": async ({ data }) => {
    const odd = ["\\u0000", '"{},\\', "NULL", "", "{a}", " \ufeff\u2028\r\n\t\u0001", "🙂 Größe 東京", "\\N"];
    const columns = odd.map((name, index) => ({ name: `${name}${index}`, type: "string" }) as const);
    const oddShape = { columns, dayColumn: columns[0]?.name ?? null };
    const { id } = await changeData(data, (imports) =>
      imports.begin({ jobId: "job-1", run: 1, dataset: "odd", shape: oddShape, total: 1 }),
    );
    const rows = [{ line: 2, day: "2024-01-01", values: odd }];
    const rejects = odd.map((value, index) => ({ line: index, column: 1, reason: value, value, fields: [value, "x"] }));
    await changeData(data, (imports) => imports.add({ importId: id, rows, rejects, maxRejected: 99 }));
    assert.deepEqual(await data.imports.shapeOf("odd"), oddShape);
    const picture = await data.reader.picture("odd");
    assert.ok(picture);
    const found: (readonly string[])[] = [];
    for await (const group of data.reader.rows(picture).entries(context, null))
      found.push(...group.map(({ item }) => item));
    assert.deepEqual(found, [odd]);
    assert.deepEqual(await data.imports.rejects(id, { after: 0, limit: 99 }), rejects);
    for (const [index, name] of odd.entries())
      await data.teams.create({ jobId: "job-1", line: index }, { name, values: { name } });
    const teams = await data.teams.teams(ALL);
    assert.deepEqual(
      teams.map(({ name, values }) => [name, values.name]),
      odd.map((name) => [name, name]),
    );
  },

  "more rejects than allowed change nothing, and the first ones of the import are told": async ({ data, fill }) => {
    const id = await fill("job-1", { rows: rowsFrom(1, 2), rejects: [reject(5)] });
    const rejects = Array.from({ length: 30 }, (_, index) => reject(10 + index));
    const adding = changeData(data, (imports) =>
      imports.add({ importId: id, rows: rowsFrom(3, 2), rejects, maxRejected: 30 }),
    );
    await assert.rejects(adding, (error: Error & { code?: string; details?: { rows: { line: number }[] } }) => {
      assert.equal(error.code, "row_rejected");
      assert.match(error.message, /^More than 30 rows were rejected: line 5, column 1: no \(found "x"\)/);
      assert.deepEqual(
        error.details?.rows.map(({ line }) => line),
        [5, ...Array.from({ length: 19 }, (_, index) => 10 + index)],
      );
      return true;
    });
    const { rows, rejected } = (await data.imports.find("job-1")) ?? {};
    assert.deepEqual([rows, rejected], [2, 1]);
    assert.equal((await data.imports.rejects(id, { after: 0, limit: 99 })).length, 1);
  },

  "removing takes exactly the import's rows and rejects, piece by piece, and the dataset with its last import": async ({
    data,
    fill,
    removeSome,
    removeAll,
  }) => {
    await fill("job-1", { rows: rowsFrom(1, 4_500), rejects: [reject(1), reject(2)] });
    const second = await fill("job-2", { rows: rowsFrom(9_000, 3), rejects: [reject(3)] });
    const left = [await removeSome("job-1"), await removeSome("job-1"), await removeSome("job-1")];
    assert.deepEqual(left, [502, 2, 0]);
    assert.equal(await data.imports.find("job-1"), null);
    assert.equal(await removeSome("job-1"), 0);
    const rows = await data.catalog.rows("people", { limit: 10, after: null });
    assert.deepEqual(
      rows?.map((row) => row.values.id),
      numbers(9_000, 3),
    );
    assert.equal((await data.imports.rejects(second, { after: 0, limit: 10 })).length, 1);
    await removeAll("job-2");
    assert.deepEqual(await data.catalog.list(), []);
    assert.equal(await data.imports.shapeOf("people"), null);
  },

  "a picture holds the rows of its moment, in import order, and goes on behind any row": async ({
    data,
    fill,
    add,
    finish,
    idsOf,
  }) => {
    const first = await fill("job-1", { rows: rowsFrom(1, 1_500) });
    const second = await fill("job-2", { rows: rowsFrom(5_000, 10) });
    await fill("job-0", { rows: [] });
    await finish(first);
    const picture = await data.reader.picture("people");
    assert.equal(picture?.unfinished, 1);
    await add(second, rowsFrom(5_010, 10));
    await fill("job-3", { rows: rowsFrom(7_000, 5) });
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
  },

  "a dataset without rows has a picture, a dataset that is not there has none": async ({ data, begin, idsOf }) => {
    await begin("job-1");
    const picture = await data.reader.picture("people");
    assert.deepEqual([picture?.rows, picture?.imports], [0, []]);
    assert.deepEqual(await idsOf(picture), []);
    assert.equal(await data.reader.picture("nobody"), null);
  },

  "a range of days includes both ends, and leaves out rows without a day": async ({ data, fill, idsOf }) => {
    await fill("job-1", { rows: [...rowsFrom(0, 56), { line: 99, day: null, values: ["none", ""] }] });
    const picture = await data.reader.picture("people");
    assert.deepEqual(await idsOf(picture, { from: "2024-01-27" }), ["26", "27", "54", "55"]);
    assert.deepEqual(await idsOf(picture, { to: "2024-01-01" }), ["0", "28"]);
    assert.deepEqual(await idsOf(picture, { from: "2024-01-02", to: "2024-01-02" }), ["1", "29"]);
    assert.equal((await idsOf(picture)).length, 57);
  },

  "rows that are removed while they are read are noticed": async ({ data, fill, removeSome, removeAll, idsOf }) => {
    await fill("job-1", { rows: rowsFrom(1, 5_000) });
    const picture = await data.reader.picture("people");
    await removeSome("job-1");
    await assert.rejects(idsOf(picture), { code: "dataset_changed" });
    await removeAll("job-1");
    await assert.rejects(idsOf(picture), { code: "dataset_changed" });
  },

  "wide rows are held in memory a few at a time": async ({ data, fill }) => {
    const wide = "x".repeat(100_000);
    await fill("job-1", { rows: rowsFrom(1, 3).map((row) => ({ ...row, values: [wide, row.day ?? ""] })) });
    assert.equal((await data.reader.picture("people"))?.rowsAtOnce, 5);
  },

  "a team is made once, however often its row asks, and its name is its own": async ({ data: { teams } }) => {
    const red = { name: "Red", values: { name: "Red", phone: "1" } };
    for (let times = 0; times < 2; times += 1) await teams.create({ jobId: "job-1", line: 2 }, red);
    await assert.rejects(teams.create({ jobId: "job-1", line: 3 }, red), {
      code: "name_taken",
      message: /line 2 of this/,
    });
    await assert.rejects(teams.create({ jobId: "job-2", line: 2 }, red), {
      code: "name_taken",
      message: /the job job-1/,
    });
    await teams.create({ jobId: "job-2", line: 9 }, { name: "red", values: { name: "red" } });
    const [first, second, ...more] = await teams.teams(ALL);
    assert.deepEqual([first?.name, first?.values, first?.jobId, first?.line], ["Red", red.values, "job-1", 2]);
    assert.match(first?.at ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual([second?.name, more], ["red", []]);
    assert.deepEqual(await teams.teams({ limit: 1, after: null }), [first]);
    assert.deepEqual(await teams.teams({ limit: 1, after: first?.position ?? null }), [second]);
    for (let times = 0; times < 2; times += 1) await teams.remove({ jobId: "job-1", line: 2 });
    assert.deepEqual(await teams.teams(ALL), [second]);
  },

  "closing may come twice": async ({ data }) => {
    await data.close();
    await data.close();
  },
};

const DATABASES: readonly { readonly name: string; readonly skip: string | false; open(): Promise<TestData> }[] = [
  { name: "SQLite", skip: false, open: openSqliteData },
  { name: "PostgreSQL", skip: postgres.skip, open: () => openPostgresData(postgres) },
];

for (const { name, skip, open } of DATABASES) {
  describe(`a data store in ${name}`, { skip }, () => {
    for (const [sentence, check] of Object.entries(CHECKS)) {
      test(sentence, async (t) => {
        const { data, remove } = await open();
        t.after(remove);
        await check({ data, ...tools(data) });
      });
    }
  });
}
