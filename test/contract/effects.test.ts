// What every target of effects must do, whatever its database: run against each of them.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, type TestContext, test } from "node:test";
import { type EffectsTarget, type Fence, FenceLost } from "../../src/ports/effects.ts";
import { postgresTarget } from "../../src/stores/postgres/index.ts";
import { sqliteTarget } from "../../src/stores/sqlite/index.ts";
import { testPostgres } from "../support/postgres.ts";

/** A target with an empty table of names beside it. */
interface World<Tx> {
  readonly target: EffectsTarget<Tx>;
  /** A callback that inserts a name. */
  insert(name: string): (tx: Tx) => unknown;
  /** A callback that runs a statement. */
  run(sql: string): (tx: Tx) => unknown;
  names(): Promise<readonly unknown[]>;
}

type Check = <Tx>(world: World<Tx>) => Promise<void>;

const fence = (change: Partial<Fence> = {}): Fence => ({
  jobId: "job-1",
  run: 1,
  phase: "forward",
  token: 1,
  ...change,
});

/** The step from one number to the next, with a cursor. */
const step = (expectedSeq: number, cursor: number | null = null) => ({
  expectedSeq,
  next: { seq: expectedSeq + 1, cursor },
});

const CHECKS: Readonly<Record<string, Check>> = {
  "a new attempt starts at seq 0 without a cursor": async ({ target }) => {
    assert.deepEqual(await target.enter(fence()), { seq: 0, cursor: null });
  },

  "rows and cursor move together, and the next attempt starts from both": async ({ target, insert, names }) => {
    await target.enter(fence());
    const cursor = { at: [7, "x"], "tiefer/ü\u0000\ud800": { n: -0.5 } };
    await target.commit(fence(), { expectedSeq: 0, next: { seq: 9_007_199_254_740_991, cursor } }, insert("a"));
    assert.deepEqual(await names(), ["a"]);
    assert.deepEqual(await target.enter(fence({ token: 2 })), { seq: 9_007_199_254_740_991, cursor });
  },

  "commit answers what the callback returns": async ({ target }) => {
    await target.enter(fence());
    assert.equal(await target.commit(fence(), step(0), () => 42), 42);
  },

  "what the callback throws rolls rows and cursor back": async ({ target, insert, names }) => {
    await target.enter(fence());
    const failing = target.commit(fence(), step(0, 5), (tx) => {
      const inserted = insert("a")(tx);
      if (inserted instanceof Promise) return inserted.then(() => assert.fail("no"));
      return assert.fail("no");
    });
    await assert.rejects(failing, { message: "no" });
    assert.deepEqual(await names(), []);
    assert.deepEqual(await target.enter(fence()), { seq: 0, cursor: null });
  },

  "a statement that the database refuses rolls rows and cursor back": async ({ target, insert, names }) => {
    await target.enter(fence());
    await target.commit(fence(), step(0, 1), insert("a"));
    await assert.rejects(target.commit(fence(), step(1, 2), insert("a")), /unique/i);
    assert.deepEqual(await names(), ["a"]);
    assert.deepEqual(await target.enter(fence({ token: 2 })), { seq: 1, cursor: 1 });
  },

  "an attempt that was replaced can neither repeat nor enter again": async ({ target, insert, names }) => {
    await target.enter(fence({ token: 1 }));
    await target.enter(fence({ token: 2 }));
    await assert.rejects(target.commit(fence({ token: 1 }), step(0, 1), insert("late")), FenceLost);
    await assert.rejects(target.enter(fence({ token: 1 })), FenceLost);
    assert.deepEqual(await names(), []);
  },

  "the callback does not run when the fence is lost": async ({ target }) => {
    await target.enter(fence({ token: 2 }));
    let ran = false;
    const late = target.commit(fence({ token: 1 }), step(0, 1), () => {
      ran = true;
    });
    await assert.rejects(late, FenceLost);
    assert.equal(ran, false);
  },

  "an attempt that never entered cannot commit": async ({ target, insert, names }) => {
    await assert.rejects(target.commit(fence(), step(0, 1), insert("a")), FenceLost);
    assert.deepEqual(await names(), []);
  },

  "a step that was already taken is refused": async ({ target, insert, names }) => {
    await target.enter(fence());
    await target.commit(fence(), step(0, 1), insert("a"));
    await assert.rejects(target.commit(fence(), step(0, 1), insert("b")), FenceLost);
    assert.deepEqual(await names(), ["a"]);
  },

  "the rollback phase forgets the cursor, keeps the seq, and fences the forward attempt": async (world) => {
    const { target, insert, names } = world;
    await target.enter(fence());
    await target.commit(fence(), step(0, 1), insert("a"));
    assert.deepEqual(await target.enter(fence({ token: 2, phase: "rollback" })), { seq: 1, cursor: null });
    await assert.rejects(target.commit(fence(), step(1, 2), insert("b")), FenceLost);
    assert.deepEqual(await names(), ["a"]);
  },

  "a new run starts from nothing and fences the attempts of the run before": async ({ target, insert, names }) => {
    await target.enter(fence());
    await target.commit(fence(), step(0, 1), () => {});
    assert.deepEqual(await target.enter(fence({ run: 2, token: 2 })), { seq: 0, cursor: null });
    await assert.rejects(target.commit(fence(), step(1, 2), insert("late")), FenceLost);
    assert.deepEqual(await names(), []);
  },

  "a late attempt of an earlier run that never entered is refused, and changes nothing": async ({ target }) => {
    await target.enter(fence({ run: 2, token: 2 }));
    await assert.rejects(target.enter(fence({ run: 1, token: 1 })), FenceLost);
    await target.commit(fence({ run: 2, token: 2 }), step(0, 1), () => {});
  },

  "jobs do not disturb each other": async ({ target }) => {
    await target.enter(fence({ token: 9 }));
    assert.deepEqual(await target.enter(fence({ jobId: "job-2", token: 1 })), { seq: 0, cursor: null });
    await target.commit(fence({ token: 9 }), step(0, 1), () => {});
    await target.commit(fence({ jobId: "job-2", token: 1 }), step(0, 1), () => {});
  },

  "a callback that commits by itself is told so": async ({ target, run }) => {
    await target.enter(fence());
    await assert.rejects(target.commit(fence(), step(0, 1), run("COMMIT")), /Leave .*COMMIT and ROLLBACK to Pawl/);
  },
};

function openSqlite(t: TestContext): World<DatabaseSync> {
  const database = new DatabaseSync(":memory:");
  t.after(() => database.close());
  database.exec("CREATE TABLE item (name TEXT NOT NULL UNIQUE) STRICT");
  return {
    target: sqliteTarget(database),
    insert: (name) => (tx) => tx.prepare("INSERT INTO item VALUES (?)").run(name),
    run: (sql) => (tx) => tx.exec(sql),
    names: async () =>
      database
        .prepare("SELECT name FROM item ORDER BY name")
        .all()
        .map((row) => row.name),
  };
}

const postgres = await testPostgres();

async function openPostgres(t: TestContext) {
  const pool = postgres.poolFor(t);
  await pool.query("DROP TABLE IF EXISTS pawl_effects, item; CREATE TABLE item (name text NOT NULL UNIQUE)");
  const target = postgresTarget(pool);
  type Tx = typeof target extends EffectsTarget<infer T> ? T : never;
  const world: World<Tx> = {
    target,
    insert: (name) => (tx) => tx.query("INSERT INTO item VALUES ($1)", [name]),
    run: (sql) => (tx) => tx.query(sql),
    names: async () => (await pool.query("SELECT name FROM item ORDER BY name")).rows.map((row) => row.name),
  };
  return world;
}

describe("effects on SQLite", () => {
  for (const [sentence, check] of Object.entries(CHECKS)) test(sentence, async (t) => check(openSqlite(t)));
});

describe("effects on PostgreSQL", () => {
  for (const [sentence, check] of Object.entries(CHECKS)) {
    test(sentence, { skip: postgres.skip }, async (t) => check(await openPostgres(t)));
  }
});
