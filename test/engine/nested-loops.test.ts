// Loops inside loops: each keeps a place of its own, for the item that it belongs to, and what cannot work is refused.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { defineJob, iterableRecords, type JobContext, pagedRecords } from "../../src/index.ts";
import { sqliteTarget } from "../../src/stores/sqlite/index.ts";
import { createGate, managerFor, numbers } from "./support.ts";

/** A job type that is tried once. */
const typeOf = (run: (job: JobContext) => Promise<unknown>) =>
  defineJob({ type: "nested", input: z.object({}), retry: { attempts: 1 }, run });

/** Where a job stops, the first time that it gets there. */
function createStop(at: string) {
  const reached = createGate();
  let met = false;
  return {
    reached: reached.passed,
    async meet(job: JobContext, here: string) {
      if (met || here !== at) return;
      met = true;
      reached.open();
      await new Promise((resolve) => job.signal.addEventListener("abort", resolve));
    },
  };
}

/** Runs the job, pauses it at the stop, lets `meanwhile` happen, and runs it to its end. */
async function runWithPause(
  t: TestContext,
  run: (job: JobContext) => Promise<unknown>,
  { stop, meanwhile }: { stop: ReturnType<typeof createStop>; meanwhile?: () => void },
) {
  const { manager, store } = await managerFor(t, { jobs: [typeOf(run)] });
  const { id } = await manager.submit({ type: "nested", input: {} });
  await stop.reached;
  await manager.pause(id);
  const paused = await manager.waitUntil(id, "paused");
  const [record] = await store.jobs.get([id]);
  meanwhile?.();
  await manager.resume(id);
  const job = await manager.waitUntil(id, "final");
  return { job, paused, cursor: record?.checkpoint.cursor };
}

/** Why the job failed. */
async function failureOf(t: TestContext, run: (job: JobContext) => Promise<unknown>): Promise<string> {
  const { manager } = await managerFor(t, { jobs: [typeOf(run)] });
  const { id } = await manager.submit({ type: "nested", input: {} });
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "failed");
  return job.error?.message ?? "";
}

test("a job that was paused in an inner loop goes on at the next inner item, and counts the outer ones", async (t) => {
  const seen: string[] = [];
  const stop = createStop("b2");
  const { job, paused } = await runWithPause(
    t,
    async (job) => {
      for await (const letter of job.iterate(["a", "b", "c"], { name: "letters" })) {
        for await (const number of job.iterate([1, 2, 3, 4], { name: "numbers" })) {
          seen.push(`${letter}${number}`);
          await stop.meet(job, `${letter}${number}`);
        }
      }
    },
    { stop },
  );
  assert.deepEqual(seen.join(" "), "a1 a2 a3 a4 b1 b2 b3 b4 c1 c2 c3 c4");
  assert.deepEqual([paused.progress.done, paused.progress.total], [1, 3]);
  assert.deepEqual([job.progress.done, job.progress.total], [3, 3]);
});

test("an inner loop that had ended is not run again when its outer item is", async (t) => {
  const seen: string[] = [];
  const stop = createStop("after");
  await runWithPause(
    t,
    async (job) => {
      for await (const letter of job.iterate(["a", "b"], { name: "letters" })) {
        for await (const n of job.iterate([1, 2], { name: "first" })) seen.push(`${letter} first ${n}`);
        for await (const n of job.iterate([1, 2], { name: "second" })) {
          seen.push(`${letter} second ${n}`);
          if (n === 1) await stop.meet(job, "after");
        }
      }
    },
    { stop },
  );
  assert.deepEqual(seen, [
    ...["a first 1", "a first 2", "a second 1", "a second 2"],
    ...["b first 1", "b first 2", "b second 1", "b second 2"],
  ]);
});

test("an item that takes the number of one that went meanwhile gets its inner loop from the start", async (t) => {
  const accounts = new Map([
    ["ada", [1, 2, 3]],
    ["bob", [4, 5, 6]],
    ["eve", [7, 8, 9]],
  ]);
  const source = pagedRecords({
    fetch: (after, limit) => [...accounts.keys()].filter((name) => name > String(after ?? "")).slice(0, limit),
    cursorOf: (name) => name,
    pageSize: 2,
  });
  const seen: number[] = [];
  const stop = createStop("5");
  await runWithPause(
    t,
    async (job) => {
      for await (const name of job.iterate(source, { name: "accounts" })) {
        for await (const user of job.iterate(accounts.get(name) ?? [], { name: "users" })) {
          seen.push(user);
          await stop.meet(job, String(user));
        }
      }
    },
    { stop, meanwhile: () => accounts.delete("bob") },
  );
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 7, 8, 9]);
});

test("a checkpoint holds the places of the present outer item only", async (t) => {
  const stop = createStop("3");
  const { cursor } = await runWithPause(
    t,
    async (job) => {
      for await (const outer of job.iterate(numbers(5), { name: "user" })) {
        for await (const _ of job.iterate([1], { name: `inner ${outer}` }));
        await stop.meet(job, String(outer));
      }
      for await (const _ of job.iterate([1], { name: "users" }));
    },
    { stop },
  );
  const loops = z.object({ loops: z.record(z.string(), z.unknown()) }).parse(cursor).loops;
  assert.deepEqual(Object.keys(loops), ["user"]);
});

test("loops whose names begin alike do not lose each other's places", async (t) => {
  const seen: string[] = [];
  const stop = createStop("team 2");
  await runWithPause(
    t,
    async (job) => {
      for await (const n of job.iterate([1, 2], { name: "users" })) seen.push(`users ${n}`);
      for await (const n of job.iterate([1, 2, 3], { name: "user" })) {
        for await (const m of job.iterate([1], { name: "inner" })) seen.push(`user ${n} ${m}`);
        await stop.meet(job, `team ${n}`);
      }
    },
    { stop },
  );
  assert.deepEqual(seen, ["users 1", "users 2", "user 1 1", "user 2 1", "user 3 1"]);
});

test("a name may be anything: a slash, or what objects have by nature", async (t) => {
  const seen: string[] = [];
  const stop = createStop("a/b of constructor");
  const { job } = await runWithPause(
    t,
    async (job) => {
      for await (const _ of job.iterate([1], { name: "a/b" })) seen.push("a/b");
      for await (const n of job.iterate([1, 2], { name: "a" }))
        for await (const _ of job.iterate([1], { name: "b" })) seen.push(`b of a ${n}`);
      for await (const n of job.iterate([1, 2], { name: "constructor" })) {
        for await (const m of job.iterate([1, 2], { name: "__proto__" })) {
          seen.push(`${n} ${m}`);
          if (m === 1) await stop.meet(job, "a/b of constructor");
        }
      }
    },
    { stop },
  );
  assert.deepEqual(seen, ["a/b", "b of a 1", "b of a 2", "1 1", "1 2", "2 1", "2 2"]);
  assert.equal(job.progress.done, 2);
});

test("checkpoints that an earlier version made are understood", async (t) => {
  const seen: number[] = [];
  const reached = createGate();
  const waiting = typeOf(async () => {
    reached.open();
    await new Promise(() => {});
  });
  const pawl = await managerFor(t, { jobs: [waiting] });
  const { id } = await pawl.manager.submit({ type: "nested", input: {} });
  await reached.passed;
  const [record] = await pawl.store.jobs.get([id]);
  assert.ok(record?.workerId);
  const { workerId, token, progress } = record;
  const cursor = { own: null, files: {}, loops: { numbers: { at: 2, done: 2 }, "more/numbers": { at: 1, done: 1 } } };
  const kept = await pawl.store.jobs.checkpoint([{ id, workerId, token, seq: 1, cursor, progress }]);
  assert.deepEqual(kept, [true]);
  const manager = await pawl.crash({
    jobs: [
      typeOf(async (job) => {
        for await (const n of job.iterate([1, 2, 3], { name: "numbers" })) seen.push(n);
        for await (const n of job.iterate([4, 5], { name: "more/numbers" })) seen.push(n);
      }),
    ],
  });
  await manager.waitUntil(id, "succeeded");
  assert.deepEqual(seen, [3, 5]);
});

test("an inner loop with `every: 1` repeats after a crash what was in hand, and nothing else", async (t) => {
  const seen: string[] = [];
  const reached = createGate();
  let crashed = false;
  const run = async (job: JobContext) => {
    for await (const letter of job.iterate(["a", "b"], { name: "letters" })) {
      for await (const batch of job.iterate(numbers(6), { name: "batches", size: 2, every: 1 })) {
        seen.push(`${letter}${batch.items.join("")}`);
        if (seen.length !== 6 || crashed) continue;
        crashed = true;
        reached.open();
        await new Promise(() => {});
      }
    }
  };
  const pawl = await managerFor(t, { jobs: [typeOf(run)] });
  const { id } = await pawl.manager.submit({ type: "nested", input: {} });
  await reached.passed;
  await (await pawl.crash()).waitUntil(id, "succeeded");
  assert.deepEqual(seen, ["a01", "a23", "a45", "b01", "b23", "b45", "b45"]);
});

test("rows of an inner loop stand in its target once, although a crash throws the outer loop back", async (t) => {
  const reached = createGate();
  let crashed = false;
  const pawl = await managerFor(t, { jobs: [] });
  const database = new DatabaseSync(join(pawl.directory, "own.db"));
  t.after(() => database.close());
  database.exec("CREATE TABLE sent (label TEXT NOT NULL)");
  const target = sqliteTarget(database);
  const run = async (job: JobContext) => {
    for await (const outer of job.iterate(numbers(8), { name: "outer" })) {
      for await (const batch of job.iterate(numbers(2), { name: "inner", size: 1, target })) {
        const label = `${outer}${batch.items}`;
        await batch.commit(target, (tx) => tx.prepare("INSERT INTO sent VALUES (?)").run(label));
        if (label !== "60" || crashed) continue;
        crashed = true;
        reached.open();
        await new Promise(() => {});
      }
    }
  };
  let manager = await pawl.restart({ jobs: [typeOf(run)] });
  const { id } = await manager.submit({ type: "nested", input: {} });
  await reached.passed;
  manager = await pawl.crash({ jobs: [typeOf(run)] });
  await manager.waitUntil(id, "succeeded");
  const labels = database.prepare("SELECT label FROM sent ORDER BY rowid").all();
  assert.deepEqual(
    labels.map((row) => row.label),
    numbers(8).flatMap((outer) => [`${outer}0`, `${outer}1`]),
  );
});

test("an inner loop that is throttled keeps its rate over all outer items", async (t) => {
  const startedAt: number[] = [];
  const { manager } = await managerFor(t, {
    jobs: [
      typeOf(async (job) => {
        for await (const _ of job.iterate(numbers(6), { name: "outer" }))
          for await (const _ of job.iterate([1], { name: "inner", ratePerSecond: 20 }))
            startedAt.push(performance.now());
      }),
    ],
  });
  const { id } = await manager.submit({ type: "nested", input: {} });
  await manager.waitUntil(id, "succeeded");
  const tookMs = (startedAt.at(-1) ?? 0) - (startedAt[0] ?? 0);
  // Timers may fire a millisecond early.
  assert.ok(tookMs >= 5 * (1_000 / 20) - 5, `6 items at 20 a second took ${tookMs} ms`);
});

test("a loop that is left early, by whatever way, makes room for the next one", async (t) => {
  const seen: string[] = [];
  const firstOf = async (job: JobContext, name: string) => {
    for await (const n of job.iterate([1, 2], { name })) return n;
    return 0;
  };
  const { manager } = await managerFor(t, {
    jobs: [
      typeOf(async (job) => {
        for await (const letter of job.iterate(["a", "b", "c"], { name: "letters" })) {
          for await (const n of job.iterate([1, 2], { name: "broken" })) {
            seen.push(`${letter} broken ${n}`);
            break;
          }
          seen.push(`${letter} returned ${await firstOf(job, "returned")}`);
          const thrown = async () => {
            for await (const _ of job.iterate([1, 2], { name: "thrown" })) throw new Error("no");
          };
          await thrown().catch(() => seen.push(`${letter} thrown`));
          for await (const _ of job.iterate([], { name: "empty" }));
          if (letter === "b") break;
        }
        for await (const n of job.iterate([1], { name: "after" })) seen.push(`after ${n}`);
      }),
    ],
  });
  const { id } = await manager.submit({ type: "nested", input: {} });
  await manager.waitUntil(id, "succeeded");
  assert.deepEqual(seen, [
    ...["a broken 1", "a returned 1", "a thrown"],
    ...["b broken 1", "b returned 1", "b thrown"],
    "after 1",
  ]);
});

const refused: readonly (readonly [string, RegExp, (job: JobContext) => Promise<unknown>])[] = [
  [
    "the same name twice in one outer item",
    /A loop named "inner" already ran in this item of "outer"/,
    async (job) => {
      for await (const _ of job.iterate([1], { name: "outer" })) {
        for await (const _ of job.iterate([1], { name: "inner" }));
        for await (const _ of job.iterate([1], { name: "inner" }));
      }
    },
  ],
  [
    "a loop inside of one with the same name",
    /A loop named "items" is open around this one/,
    async (job) => {
      for await (const _ of job.iterate([1])) for await (const _ of job.iterate([1]));
    },
  ],
  [
    "two loops that begin side by side",
    /The loop "b" began while the loop "a" was looking for its next item\..*take batches/,
    (job) =>
      Promise.all(
        ["a", "b"].map(async (name) => {
          for await (const _ of job.iterate([1, 2], { name }));
        }),
      ),
  ],
  [
    "two loops that are read in step",
    /The loop "a" was asked for its next item while its inner loop "a\/b" is open/,
    async (job) => {
      const [a, b] = ["a", "b"].map((name) => job.iterate([1, 2], { name })[Symbol.asyncIterator]());
      await a?.next();
      await b?.next();
      await a?.next();
    },
  ],
  [
    "an inner loop that is read on after its outer item",
    /The loop "a\/b" goes on although the loop around it has moved on/,
    async (job) => {
      const inner = job.iterate([1, 2], { name: "b" })[Symbol.asyncIterator]();
      for await (const _ of job.iterate([1, 2], { name: "a" })) {
        await inner.next();
        break;
      }
      await inner.next();
    },
  ],
];
for (const [what, message, run] of refused) {
  test(`${what}: refused with a message that says what to do`, async (t) => {
    assert.match(await failureOf(t, run), message);
  });
}

test("a batch with inner loops is committed last, or the job fails", async (t) => {
  const pawl = await managerFor(t, { jobs: [] });
  const database = new DatabaseSync(join(pawl.directory, "own.db"));
  t.after(() => database.close());
  const target = sqliteTarget(database);
  const early = await failureOf(t, async (job) => {
    for await (const batch of job.iterate([1, 2], { name: "outer", size: 1, target })) {
      await batch.commit(target, () => {});
      for await (const _ of job.iterate([1], { name: "inner" }));
    }
  });
  assert.match(
    early,
    /The loop "inner" began after the batch of "outer" around it was committed.*Commit the batch last/,
  );
  const within = await failureOf(t, async (job) => {
    for await (const batch of job.iterate([1, 2], { name: "outer", size: 1, target }))
      for await (const _ of job.iterate([1], { name: "inner" })) await batch.commit(target, () => {});
  });
  assert.match(within, /The loop "outer" committed a batch while its inner loop "outer\/inner" is open/);
});

test("an inner loop of a batch belongs to that batch", async (t) => {
  const seen: string[] = [];
  const stop = createStop("23 1");
  await runWithPause(
    t,
    async (job) => {
      for await (const batch of job.iterate([0, 1, 2, 3, 4], { name: "outer", size: 2 })) {
        for await (const n of job.iterate([0, 1, 2], { name: "inner" })) {
          seen.push(`${batch.items.join("")} ${n}`);
          await stop.meet(job, `${batch.items.join("")} ${n}`);
        }
      }
    },
    { stop },
  );
  assert.deepEqual(seen, ["01 0", "01 1", "01 2", "23 0", "23 1", "23 2", "4 0", "4 1", "4 2"]);
});

test("the iterator of a source is closed when its loop is interrupted in an inner one", async (t) => {
  const log: string[] = [];
  const stop = createStop("2");
  const source = iterableRecords({
    async *open(after) {
      log.push(`open after ${after}`);
      try {
        yield* [1, 2, 3].filter((n) => n > Number(after ?? 0));
      } finally {
        log.push("closed");
      }
    },
    cursorOf: (n) => n,
  });
  await runWithPause(
    t,
    async (job) => {
      for await (const n of job.iterate(source, { name: "outer" }))
        for await (const _ of job.iterate([1, 2], { name: "inner" })) await stop.meet(job, String(n));
    },
    { stop },
  );
  assert.deepEqual(log, ["open after null", "closed", "open after 1", "closed"]);
});
