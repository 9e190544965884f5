// What the SQLite store keeps instead of counting is what counting would find: whatever was done, what failed, and after
// a restart. And a database of the first version becomes one of the present.
import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { it } from "node:test";
import { ACTIONS, FINAL_STATES } from "../../src/domain/lifecycle.ts";
import type { InsertResult, NewJob, Store } from "../../src/ports/store.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { MIGRATIONS, migrate } from "../../src/stores/sqlite/migrate.ts";
import { claimable, newId, newJob, registerWorker, request } from "../../src/testing/contract/store-driver.ts";
import { createFakeClock, type FakeClock } from "../../src/testing/fake-clock.ts";
import { type Random, randomFor } from "../support/random.ts";
import { tempFolder } from "../support/temp-folder.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const TYPES = ["a", "b", "c"] as const;
const QUEUES = ["x", "y"] as const;

const chooseFrom = <T>(random: Random, values: readonly T[]): T => {
  const value = values[random.between(0, values.length - 1)];
  if (value === undefined) throw new Error("There is nothing to choose from.");
  return value;
};

/** What counting finds, and what is kept, as another program reads the file. */
function readCounts(path: string) {
  const db = new DatabaseSync(path, { readOnly: true });
  const all = (sql: string) =>
    db
      .prepare(sql)
      .all()
      .map((row) => Object.values(row).join(" "));
  const counts = {
    counted: all("SELECT state, type, queue, count(*) FROM jobs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"),
    kept: all("SELECT state, type, queue, jobs FROM job_counts ORDER BY 1, 2, 3"),
    figures: all("SELECT coalesce(sum(submitted), 0), coalesce(sum(started), 0) FROM minutes"),
  };
  db.close();
  return counts;
}

/** Does things to jobs at random, as far as they can be done. */
function createPlay(store: Store, advance: (ms: number) => void, random: Random) {
  const known: string[] = [newId()];
  const done = { submitted: 0, started: 0 };

  const newOne = (changes: Partial<NewJob> = {}): NewJob =>
    newJob({
      type: chooseFrom(random, TYPES),
      queue: chooseFrom(random, QUEUES),
      key: chooseFrom(random, ["k", "l", null, null, null]),
      canRollback: random.between(0, 1) === 1,
      availableAt: random.between(0, 3) === 0 ? START + random.between(0, 60_000) : null,
      queueLimit: random.between(20, 80),
      maxAttempts: 2,
      ...changes,
    });

  function some(count: number): NewJob[] {
    const jobs = Array.from({ length: random.between(1, count) }, () => newOne());
    known.push(...jobs.map((job) => job.id));
    return jobs;
  }

  function note(results: readonly InsertResult[]): void {
    done.submitted += results.filter(({ kind }) => kind === "inserted").length;
  }

  async function insertTogether() {
    const jobs = some(5);
    const { kind } = await store.jobs.insertTogether(jobs, { idempotency: null });
    if (kind === "inserted") done.submitted += jobs.length;
  }

  async function insertWithFailure() {
    const broken = newOne({ priority: 0.5, key: null, queueLimit: 1_000_000 });
    const results = await Promise.allSettled([
      store.jobs.insert(some(4)),
      store.jobs.insert([broken]),
      store.jobs.insert(some(4)),
    ]);
    deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    for (const result of results) if (result.status === "fulfilled") note(result.value);
  }

  async function run() {
    const workerId = await registerWorker(store);
    const { jobs } = await store.jobs.claim({ workerId, types: claimable(...TYPES), limit: random.between(1, 20) });
    done.started += jobs.length;
    const ends = jobs.filter(() => random.between(0, 3) > 0);
    const failure = { code: "e", message: "m", details: null, retryInMs: 10 };
    await store.jobs.settle(
      ends.map(({ id, token }) => ({
        id,
        token,
        workerId,
        event: chooseFrom(random, ["succeed", "fail", "halt"] as const),
        failure,
      })),
    );
    if (random.between(0, 1) === 0) await store.leases.retire(workerId);
  }

  const steer = () =>
    store.jobs.control(
      Array.from({ length: 10 }, () => request(chooseFrom(random, known), chooseFrom(random, ACTIONS))),
    );
  const dedupe = async () => {
    const dedupe = { key: "d", windowMs: 1_000, mode: chooseFrom(random, ["once", "throttle", "debounce"] as const) };
    note(await store.jobs.insert([newOne({ type: "a", key: null, dedupe }), newOne({ type: "a", key: null, dedupe })]));
  };

  const steps: readonly (() => unknown)[] = [
    async () => note(await store.jobs.insert(some(12))),
    insertTogether,
    dedupe,
    insertWithFailure,
    run,
    run,
    steer,
    steer,
    () => store.jobs.remove(chooseFrom(random, known), { force: true }),
    () => store.retention.prune({ state: chooseFrom(random, FINAL_STATES), maxAgeMs: null, maxCount: 5, limit: 10 }),
    () => store.jobs.edit({ id: chooseFrom(random, known), actor: "a", reason: null, availableAt: START + 500 }),
    () => store.leases.reap({ crashLimit: 2 }),
    () => advance(random.between(0, 2_000)),
  ];
  return { done, step: () => chooseFrom(random, steps)() };
}

async function liveThrough(
  path: string,
  random: Random,
  clock: FakeClock,
  done: { submitted: number; started: number },
) {
  const store = await createSqliteStore({ path, clock });
  try {
    const play = createPlay(store, clock.advance, random);
    for (let round = 0; round < 60; round += 1) {
      await play.step();
      const { counted, kept, figures } = readCounts(path);
      deepEqual(kept, counted);
      deepEqual(figures, [`${done.submitted + play.done.submitted} ${done.started + play.done.started}`]);
    }
    const counts = await store.stats.counts();
    deepEqual(
      counts.map(({ state, type, queue, jobs }) => `${state} ${type} ${queue} ${jobs}`).sort(),
      readCounts(path).counted.sort(),
    );
    done.submitted += play.done.submitted;
    done.started += play.done.started;
  } finally {
    await store.close();
  }
}

it("counts and figures are what counting finds, after anything, failures and restarts among it", async (t) => {
  const path = join(await tempFolder(t), "pawl.db");
  const clock = createFakeClock(START);
  const random = randomFor(t);
  const done = { submitted: 0, started: 0 };
  for (let life = 0; life < 4; life += 1) await liveThrough(path, random, clock, done);
});

/** A database as the first version left it. */
function createFirstVersion(path: string): void {
  const db = new DatabaseSync(path);
  migrate(db, path, MIGRATIONS.slice(0, 1));
  const insert = db.prepare(`
    INSERT INTO jobs (id, state, type, queue, priority, max_attempts, can_rollback, rollback_on_failure, created_at,
      available_at, submitted_by, finished_at, worker_id, claimed_at)
    VALUES (?, ?, ?, ?, 0, 3, 0, 0, ?, ?, 'ann', ?, ?, ?)`);
  const rows = [
    ["queued", "a", "x", START],
    ["queued", "a", "x", START + 5_000],
    ["queued", "a", "y", START + 90_000],
    ["queued", "b", "x", START],
    ["running", "a", "x", START],
    ["paused", "a", "x", START + 5_000],
    ["succeeded", "a", "x", START],
    ["succeeded", "a", "x", START],
    ["failed", "b", "y", START],
  ] as const;
  for (const [state, type, queue, availableAt] of rows) {
    const finishedAt = state === "succeeded" || state === "failed" ? START : null;
    const lease = state === "running" ? (["gone", START] as const) : ([null, null] as const);
    insert.run(newId(), state, type, queue, START, availableAt, finishedAt, ...lease);
  }
  db.close();
}

it("a database of the first version is counted once, and its jobs are claimed when their time comes", async (t) => {
  const path = join(await tempFolder(t), "pawl.db");
  createFirstVersion(path);
  const clock = createFakeClock(START + 10_000);
  const store = await createSqliteStore({ path, clock });
  try {
    const { counted, kept } = readCounts(path);
    deepEqual(kept, counted);
    equal(counted.length, 7);
    equal(await store.leases.reap({ crashLimit: 5 }), 1);
    const workerId = await registerWorker(store);
    const claim = () => store.jobs.claim({ workerId, types: claimable("a", "b"), limit: 10 });
    const { jobs, nextInMs } = await claim();
    deepEqual([jobs.length, nextInMs], [4, 80_000]);
    await store.jobs.settle(jobs.map(({ id, token }) => ({ id, token, workerId, event: "succeed" })));
    const [paused] = await store.jobs.list({ order: "newest", limit: 5, after: null, state: ["paused"] });
    await store.jobs.control([request(paused?.id ?? "", "resume")]);
    equal((await claim()).jobs.length, 1);
    const after = readCounts(path);
    deepEqual(after.kept, after.counted);
  } finally {
    await store.close();
  }
});
