// Sources that authors make of their own iterables and queries: where they start again, and what they refuse.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import {
  defineJob,
  iterableRecords,
  type JobContext,
  type Json,
  pagedRecords,
  type RecordSource,
} from "../../src/index.ts";
import { createGate, managerFor, numbers } from "./support.ts";

const typeOf = (run: (job: JobContext) => Promise<unknown>) =>
  defineJob({ type: "reader", input: z.object({}), retry: { attempts: 1 }, run });

/** Runs jobs that go through a source, one job a source; `make` is called in the handler, as an author would. */
async function readerFor(t: TestContext) {
  const makers: (() => RecordSource<unknown>)[] = [];
  const seen: unknown[] = [];
  const reader = defineJob({
    type: "reader",
    input: z.object({ source: z.number() }),
    retry: { attempts: 1 },
    async run(job) {
      const make = makers[job.input.source] ?? assert.fail();
      for await (const item of job.iterate(make())) {
        seen.push(item);
        assert.ok(seen.length < 100, "it goes on for ever");
      }
    },
  });
  const { manager } = await managerFor(t, { jobs: [reader] });
  return async (make: () => RecordSource<unknown>) => {
    seen.length = 0;
    const { id } = await manager.submit({ type: "reader", input: { source: makers.push(make) - 1 } });
    const job = await manager.waitUntil(id, "final");
    return { job, seen, message: job.error?.message ?? "" };
  };
}

/** Reads ten items with a pause in the fourth; answers what the handler saw. */
async function seenWithPause(t: TestContext, source: RecordSource<number>): Promise<readonly number[]> {
  const seen: number[] = [];
  const reached = createGate();
  const { manager } = await managerFor(t, {
    jobs: [
      typeOf(async (job) => {
        for await (const item of job.iterate(source)) {
          seen.push(item);
          if (seen.length !== 4) continue;
          reached.open();
          await new Promise((resolve) => job.signal.addEventListener("abort", resolve));
        }
      }),
    ],
  });
  const { id } = await manager.submit({ type: "reader", input: {} });
  await reached.passed;
  await manager.pause(id);
  await manager.waitUntil(id, "paused");
  await manager.resume(id);
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded", job.error?.message);
  assert.deepEqual([job.progress.done, job.progress.total], [10, 10]);
  return seen;
}

const behind = (after: Json) => numbers(10).filter((n) => after === null || n > Number(after));

test("an iterable, sync, async or promised, is opened behind the last item that was done", async (t) => {
  async function* later(after: Json) {
    yield* behind(after);
  }
  for (const open of [behind, later, async (after: Json) => later(after)]) {
    const source = iterableRecords({ open, cursorOf: (n: number) => n, total: async () => 10 });
    assert.deepEqual(await seenWithPause(t, source), numbers(10));
  }
});

test("a table is read page by page behind its key", async (t) => {
  const database = new DatabaseSync(":memory:");
  t.after(() => database.close());
  database.exec("CREATE TABLE numbers (n INTEGER PRIMARY KEY)");
  for (const n of numbers(10)) database.prepare("INSERT INTO numbers VALUES (?)").run(n);
  const page = database.prepare("SELECT n FROM numbers WHERE n > ? ORDER BY n LIMIT ?");
  const asked: unknown[] = [];
  const source = pagedRecords({
    fetch(after, limit) {
      asked.push(after);
      return page.all(Number(after ?? -1), limit).map((row) => Number(row.n));
    },
    cursorOf: (n) => n,
    pageSize: 4,
    total: () => 10,
  });
  assert.deepEqual(await seenWithPause(t, source), numbers(10));
  assert.deepEqual(asked, [null, 3, 3, 7], "the last page was not full, so none was asked for behind it");
});

test("a last page that is full is followed by one that is empty", async (t) => {
  const read = await readerFor(t);
  const asked: Json[] = [];
  const fetch = (after: Json, limit: number) => {
    asked.push(after);
    return [1, 2, 3, 4].filter((n) => n > Number(after ?? 0)).slice(0, limit);
  };
  const { seen } = await read(() => pagedRecords({ fetch, cursorOf: (n) => n, pageSize: 2 }));
  assert.deepEqual(seen, [1, 2, 3, 4]);
  assert.deepEqual(asked, [null, 2, 4]);
});

/** What TypeScript would not let through. */
const asJson = (value: unknown) => value as Json;

test("a cursor that cannot be kept fails the job, and the message names the source and the cursor", async (t) => {
  const read = await readerFor(t);
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [12n, /the cursor 12 cannot be kept: a bigint/],
    [new Date(), /the cursor \(an object\) cannot be kept: a Date/],
    [{ at: new Date() }, /cannot be kept at \/at: a Date/],
    [Number.NaN, /the cursor NaN cannot be kept/],
    [undefined, /answered undefined for an item, but that means the start/],
    [null, /answered null for an item, but that means the start/],
  ];
  for (const [cursor, message] of bad) {
    const cursorOf = () => asJson(cursor);
    const paged = await read(() => pagedRecords({ fetch: () => [1], cursorOf }));
    assert.match(paged.message, message);
    assert.match(paged.message, /^pagedRecords: /);
    const iterable = await read(() => iterableRecords({ open: () => [1], cursorOf }));
    assert.match(iterable.message, message);
    assert.match(iterable.message, /^iterableRecords: /);
  }
});

test("pages that get no further fail the job instead of going round for ever", async (t) => {
  const read = await readerFor(t);
  const { message, seen } = await read(() => pagedRecords({ fetch: () => [1, 2], cursorOf: (n) => n, pageSize: 2 }));
  assert.match(message, /^pagedRecords: the page after the cursor 2 ends with that same cursor/);
  assert.deepEqual(seen, [1, 2]);
});

test("two items that share a cursor fail the job, because a start between them would lose one", async (t) => {
  const read = await readerFor(t);
  const rows = [
    { name: "Ada", id: 1 },
    { name: "Ada", id: 2 },
  ];
  const cursorOf = ({ name }: { name: string }) => name;
  const paged = await read(() => pagedRecords({ fetch: () => rows, cursorOf }));
  assert.match(paged.message, /^pagedRecords: the cursor "Ada" came twice in a row.*add the id/);
  const iterable = await read(() => iterableRecords({ open: () => rows, cursorOf }));
  assert.match(iterable.message, /^iterableRecords: the cursor "Ada" came twice in a row/);
});

test("a page size that is none is refused at once", () => {
  for (const pageSize of [0, -1, 1.5, Number.NaN])
    assert.throws(() => pagedRecords({ fetch: () => [], cursorOf: () => 1, pageSize }), RangeError);
});

test("the iterator is closed however its loop ends", async (t) => {
  const ways: Readonly<Record<string, (n: number) => "break" | undefined>> = {
    end: () => undefined,
    break: (n) => (n === 2 ? "break" : undefined),
    throw: (n) => assert.notEqual(n, 2) ?? undefined,
  };
  for (const [name, way] of Object.entries(ways)) {
    let closed = 0;
    const source = iterableRecords({
      *open() {
        try {
          yield* [1, 2, 3];
        } finally {
          closed += 1;
        }
      },
      cursorOf: (n) => n,
    });
    const run = async (job: JobContext) => {
      for await (const n of job.iterate(source)) if (way(n) === "break") break;
    };
    const { manager } = await managerFor(t, { jobs: [typeOf(run)] });
    const { id } = await manager.submit({ type: "reader", input: {} });
    await manager.waitUntil(id, "final");
    assert.equal(closed, 1, name);
  }
});

test("what has no cursor is refused, and the message says how to wrap it", async (t) => {
  const read = await readerFor(t);
  async function* asyncGenerator() {
    yield 1;
  }
  function* generator() {
    yield 1;
  }
  const without: readonly unknown[] = [
    asyncGenerator(),
    generator(),
    generator,
    new Map([[1, 1]]),
    new Set([1]),
    new Uint8Array(1),
    "text",
    7,
    null,
    undefined,
    {},
  ];
  for (const source of without) {
    const { job, message } = await read(() => source as RecordSource<unknown>);
    assert.equal(job.state, "failed");
    assert.match(message, /^iterate: this source has no cursor.*`iterableRecords`.*`pagedRecords`.*array/);
  }
});
