// Jobs that keep their place in a PostgreSQL database of their author's: crashed, paused, cancelled and rolled back, each
// row is there exactly once, or none is.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Pool, PoolClient } from "pg";
import * as z from "zod";
import { csvRecords, defineJob, fileRef } from "../../src/index.ts";
import { postgresTarget } from "../../src/stores/postgres/index.ts";
import { testPostgres } from "../support/postgres.ts";
import { createGate, managerFor, numbers } from "./support.ts";

const postgres = await testPostgres();
const { skip } = postgres;

/** What a test may do while a job runs. Each is told how many rows were done before the present batch. */
interface Hooks {
  readonly inTransaction?: (offset: number) => Promise<void>;
  readonly afterCommit?: (offset: number) => Promise<void>;
}

async function emptyTables(t: TestContext): Promise<Pool> {
  const pool = postgres.poolFor(t);
  await pool.query("DROP TABLE IF EXISTS pawl_effects, copies; CREATE TABLE copies (job text, number int NOT NULL)");
  return pool;
}

async function insertAll(tx: PoolClient, job: string, values: readonly number[]): Promise<number> {
  for (const number of values) await tx.query("INSERT INTO copies VALUES ($1, $2)", [job, number]);
  return values.length;
}

/** Copies numbers into a table, three at a time, and can undo it. */
function copier(pool: Pool, hooks: Hooks = {}) {
  const target = postgresTarget(pool);
  return defineJob({
    type: "copier",
    input: z.object({ to: z.number() }),
    async run(job) {
      let copied = 0;
      for await (const batch of job.iterate(numbers(job.input.to), { size: 3, target })) {
        copied += await batch.commit(target, async (tx) => {
          const count = await insertAll(tx, job.id, batch.items);
          await hooks.inTransaction?.(batch.offset);
          return count;
        });
        await hooks.afterCommit?.(batch.offset);
      }
      return { copied };
    },
    async rollback(job) {
      await job.effects(target, (tx) => tx.query("DELETE FROM copies WHERE job = $1", [job.id]));
    },
  });
}

/** Copies the numbers in the first column of a file. */
function fileCopier(pool: Pool, hooks: Hooks = {}) {
  const target = postgresTarget(pool);
  return defineJob({
    type: "file-copier",
    input: z.object({ file: fileRef() }),
    async run(job) {
      for await (const batch of job.iterate(csvRecords(job.input.file), { size: 7, target })) {
        const values = batch.items.map(({ fields }) => Number(fields[0]));
        await batch.commit(target, (tx) => insertAll(tx, job.id, values));
        await hooks.afterCommit?.(batch.offset);
      }
    },
  });
}

async function copies(pool: Pool): Promise<readonly number[]> {
  const { rows } = await pool.query("SELECT number FROM copies ORDER BY number");
  return rows.map(({ number }) => number);
}

/** Stops the first attempt that comes by, for good or until it is let on. */
function createStop(at: number) {
  const [reached, goOn] = [createGate(), createGate()];
  let stopped = false;
  const hook = async (offset: number) => {
    if (offset !== at || stopped) return;
    stopped = true;
    reached.open();
    await goOn.passed;
  };
  return { hook, reached: reached.passed, goOn: goOn.open };
}

test("rows that were committed when the process crashed are there exactly once, although no checkpoint told of them", {
  skip,
}, async (t) => {
  const pool = await emptyTables(t);
  const stop = createStop(6);
  const jobs = [copier(pool, { afterCommit: stop.hook })];
  const pawl = await managerFor(t, { jobs });
  const { id } = await pawl.manager.submit({ type: "copier", input: { to: 20 } });
  await stop.reached;
  const manager = await pawl.crash({ jobs });
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded");
  assert.equal(job.progress.done, 20);
  assert.deepEqual(job.output, { copied: 11 });
  assert.deepEqual(await copies(pool), numbers(20));
});

test("an attempt that crashed in the middle of its transaction neither holds up the next one nor lands its rows", {
  skip,
}, async (t) => {
  const pool = await emptyTables(t);
  const stop = createStop(3);
  const jobs = [copier(pool, { inTransaction: stop.hook })];
  const pawl = await managerFor(t, { jobs });
  const { id } = await pawl.manager.submit({ type: "copier", input: { to: 20 } });
  await stop.reached;
  const manager = await pawl.crash({ jobs });
  await manager.waitUntil(id, "succeeded");
  stop.goOn();
  assert.deepEqual(await copies(pool), numbers(20));
  await manager.rollback(id);
  await manager.waitUntil(id, "rolled_back");
  assert.deepEqual(await copies(pool), []);
});

test("a job that is paused and resumed again and again copies each number once", { skip }, async (t) => {
  const pool = await emptyTables(t);
  const stops = [createStop(0), createStop(6), createStop(15)];
  const afterCommit = async (offset: number) => {
    for (const stop of stops) await stop.hook(offset);
  };
  const { manager } = await managerFor(t, { jobs: [copier(pool, { afterCommit })] });
  const { id } = await manager.submit({ type: "copier", input: { to: 20 } });
  for (const [index, stop] of stops.entries()) {
    await stop.reached;
    await manager.pause(id);
    stop.goOn();
    const paused = await manager.waitUntil(id, "paused");
    assert.equal(paused.progress.done, [3, 9, 18][index]);
    assert.deepEqual(await copies(pool), numbers([3, 9, 18][index] ?? 0));
    await manager.resume(id);
  }
  await manager.waitUntil(id, "succeeded");
  assert.deepEqual(await copies(pool), numbers(20));
});

test("a job that is cancelled in the middle leaves none of its rows, and all rows of others", { skip }, async (t) => {
  const pool = await emptyTables(t);
  await pool.query("INSERT INTO copies VALUES ('somebody else', 1000)");
  const stop = createStop(6);
  const { manager } = await managerFor(t, { jobs: [copier(pool, { inTransaction: stop.hook })] });
  const { id } = await manager.submit({ type: "copier", input: { to: 20 } });
  await stop.reached;
  await manager.cancel(id);
  stop.goOn();
  await manager.waitUntil(id, "rolled_back");
  assert.deepEqual(await copies(pool), [1000]);
});

test("a connection that breaks costs an attempt, and no row", { skip }, async (t) => {
  const pool = await emptyTables(t);
  const stop = createStop(9);
  const jobs = [copier(pool, { inTransaction: stop.hook })];
  const { manager } = await managerFor(t, { jobs });
  const { id } = await manager.submit({ type: "copier", input: { to: 20 } });
  await stop.reached;
  await pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = to_regclass('copies') AND mode = 'RowExclusiveLock'",
  );
  stop.goOn();
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded");
  assert.equal(job.attempt, 2);
  assert.deepEqual(await copies(pool), numbers(20));
});

test("a file that is read in batches is copied once, across a crash", { skip }, async (t) => {
  const pool = await emptyTables(t);
  const stop = createStop(14);
  const jobs = [fileCopier(pool, { afterCommit: stop.hook })];
  const pawl = await managerFor(t, { jobs });
  async function* csv() {
    yield Buffer.from(`number\n${numbers(50).join("\n")}\n`);
  }
  const upload = { name: "numbers.csv", mediaType: "text/csv", maxBytes: 10_000 };
  const file = await pawl.manager.files.upload(csv(), upload);
  const { id } = await pawl.manager.submit({ type: "file-copier", input: { file: file.id } });
  await stop.reached;
  const manager = await pawl.crash({ jobs });
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded");
  assert.equal(job.progress.done, 50);
  assert.deepEqual(await copies(pool), numbers(50));
});
