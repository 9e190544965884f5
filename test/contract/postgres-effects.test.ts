// What only the PostgreSQL target promises: async callbacks that cannot leave their transaction, connections that break
// at any moment, attempts that hang in the middle, and roles that may do little.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { type Fence, FenceLost } from "../../src/ports/effects.ts";
import { postgresTarget } from "../../src/stores/postgres/index.ts";
import { testPostgres } from "../support/postgres.ts";
import { openPostgresProxy } from "../support/postgres-proxy.ts";
import { waitFor } from "../support/wait-for.ts";

const postgres = await testPostgres();
const { skip } = postgres;

const fence = (change: Partial<Fence> = {}): Fence => ({
  jobId: "job-1",
  run: 1,
  phase: "forward",
  token: 1,
  ...change,
});

const step = (expectedSeq: number) => ({ expectedSeq, next: { seq: expectedSeq + 1, cursor: expectedSeq + 1 } });

/** An empty table of names, a target on it, and an attempt that has entered. */
async function entered(t: TestContext, options: pg.PoolConfig = {}) {
  const pool = postgres.poolFor(t, options);
  await pool.query("DROP TABLE IF EXISTS pawl_effects, item; CREATE TABLE item (name text NOT NULL UNIQUE)");
  const target = postgresTarget(pool);
  await target.enter(fence());
  return { pool, target };
}

const insert = (name: string) => (tx: pg.PoolClient) => tx.query("INSERT INTO item VALUES ($1)", [name]);

async function names(pool: pg.Pool): Promise<readonly unknown[]> {
  const { rows } = await pool.query("SELECT name FROM item ORDER BY name");
  return rows.map((row) => row.name);
}

/** A session that took the lock of the job and then stands still: what a process leaves that is frozen at that moment. */
async function frozenBeforeItLooked(pool: pg.Pool): Promise<pg.PoolClient> {
  const client = await pool.connect();
  client.on("error", () => {});
  const { rows } = await pool.query("SELECT format('%I.pawl_effects', current_schema()) AS name");
  const key = createHash("sha256").update(`${rows[0].name} job-1`).digest().readBigInt64BE();
  await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${key})`);
  return client;
}

/** Ends a session from outside, as an administrator would. */
const terminate = (pool: pg.Pool, pid: number) => pool.query("SELECT pg_terminate_backend($1)", [pid]);

async function pidOf(tx: pg.PoolClient): Promise<number> {
  const { rows } = await tx.query("SELECT pg_backend_pid() AS pid");
  return rows[0].pid;
}

/** Until so many sessions of this file wait for locks: others share the server. */
async function untilWaiting(pool: pg.Pool, count: number): Promise<void> {
  const ask = `
    SELECT FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND application_name = current_setting('application_name')
      AND query LIKE '%pg_advisory_xact_lock%'`;
  await waitFor(async () => (await pool.query(ask)).rows.length >= count, { what: "sessions to wait", everyMs: 5 });
}

/** The promise of an attempt that gets stuck; its failure is looked at later. */
function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

test("a callback may await several statements, and its answer comes without a promise around it", {
  skip,
}, async (t) => {
  const { pool, target } = await entered(t);
  const answer: number = await target.commit(fence(), step(0), async (tx) => {
    await insert("a")(tx);
    await insert("b")(tx);
    const { rows } = await tx.query<{ count: number }>("SELECT count(*)::int AS count FROM item");
    return rows[0]?.count ?? 0;
  });
  assert.equal(answer, 2);
  assert.deepEqual(await names(pool), ["a", "b"]);
});

test("a callback that returns while a statement runs is refused at once, and nothing of it stays", {
  skip,
}, async (t) => {
  const { pool, target } = await entered(t);
  const hasty = target.commit(fence(), step(0), async (tx) => {
    await insert("a")(tx);
    insert("b")(tx).catch(() => {});
    tx.query("SELECT pg_sleep(3600)").catch(() => {});
  });
  await assert.rejects(hasty, /returned while a statement of its own was still open/);
  assert.deepEqual(await names(pool), []);
  assert.deepEqual(await target.enter(fence({ token: 2 })), { seq: 0, cursor: null });
});

test("a callback that throws while a statement runs fails with what it threw, and nothing of it stays", {
  skip,
}, async (t) => {
  const { pool, target } = await entered(t);
  const failing = target.commit(fence(), step(0), async (tx) => {
    await insert("a")(tx);
    tx.query("SELECT pg_sleep(3600)").catch(() => {});
    throw new Error("no");
  });
  await assert.rejects(failing, { message: "no" });
  assert.deepEqual(await target.enter(fence({ token: 2 })), { seq: 0, cursor: null });
  assert.deepEqual(await names(pool), []);
});

test("the client of a transaction does nothing any more when the transaction has ended", { skip }, async (t) => {
  const { pool, target } = await entered(t);
  const kept = await target.commit(fence(), step(0), (tx) => ({ tx }));
  assert.throws(() => insert("late")(kept.tx), /This transaction has ended/);
  assert.deepEqual(await names(pool), []);
});

test("a callback cannot begin, end, or give back what is not its own", { skip }, async (t) => {
  const { pool, target } = await entered(t);
  const statements = ["BEGIN", "commit", " END;", "ROLLBACK", "ROLLBACK TRANSACTION", "ABORT", "START TRANSACTION"];
  await target.commit(fence(), step(0), async (tx) => {
    await insert("a")(tx);
    for (const text of statements) {
      assert.throws(() => tx.query(text), /Leave BEGIN, COMMIT and ROLLBACK to Pawl/, text);
      assert.throws(() => tx.query({ text }), /Leave BEGIN, COMMIT and ROLLBACK to Pawl/, text);
    }
    assert.throws(() => tx.release(), /The client belongs to Pawl/);
    assert.throws(() => tx.end(), /The client belongs to Pawl/);
  });
  assert.deepEqual(await names(pool), ["a"]);
});

test("a transaction that was ended behind Pawl's back is noticed, and the cursor stays", { skip }, async (t) => {
  const { target } = await entered(t);
  for (const hidden of ["/* done */ COMMIT", "SELECT 1; COMMIT", "-- again\nCOMMIT; BEGIN", "/**/ ROLLBACK"]) {
    const rogue = target.commit(fence(), step(0), (tx) => tx.query(hidden));
    await assert.rejects(rogue, { code: "transaction_ended", message: /ended the transaction itself/ }, hidden);
  }
  assert.deepEqual(await target.enter(fence({ token: 2 })), { seq: 0, cursor: null });
});

test("a callback that swallows a failed statement is refused; behind a savepoint it may", { skip }, async (t) => {
  const { pool, target } = await entered(t);
  const swallowing = target.commit(fence(), step(0), async (tx) => {
    await insert("a")(tx);
    await insert("a")(tx).catch(() => {});
  });
  await assert.rejects(swallowing, /A statement of the callback failed and the callback went on/);
  assert.deepEqual(await names(pool), []);
  await target.commit(fence(), step(0), async (tx) => {
    await insert("a")(tx);
    await tx.query("SAVEPOINT doubtful");
    await insert("a")(tx).catch(() => tx.query("ROLLBACK TO SAVEPOINT doubtful"));
    await insert("b")(tx);
  });
  assert.deepEqual(await names(pool), ["a", "b"]);
});

test("a statement that failed has ended, however late the server's last word on it comes", { skip }, async (t) => {
  const proxy = await openPostgresProxy(t, postgres.url);
  const { pool, target } = await entered(t, { connectionString: proxy.url, max: 1 });
  proxy.dawdle();
  const swallowing = target.commit(fence(), step(0), (tx) =>
    insert("a")(tx).then(() => insert("a")(tx).catch(() => {})),
  );
  await assert.rejects(swallowing, /A statement of the callback failed and the callback went on/);
  await assert.rejects(
    target.commit(fence(), step(0), (tx) => tx.query("SELECT 1/0")),
    /division by zero/,
  );
  assert.deepEqual([pool.totalCount, pool.idleCount], [1, 1]);
});

test("a client that does not even answer to ROLLBACK is not given back", { skip }, async (t) => {
  const { target } = await entered(t);
  const impatient = postgres.poolFor(t, { query_timeout: 50, max: 1 });
  const stuck = postgresTarget(impatient).commit(fence(), step(0), (tx) => tx.query("SELECT pg_sleep(0.5)"));
  await assert.rejects(stuck, /timeout/);
  assert.equal(impatient.totalCount, 0);
  assert.deepEqual(await target.enter(fence({ token: 2 })), { seq: 0, cursor: null });
});

test("of two commits of one step at the same time exactly one is there", { skip }, async (t) => {
  const { pool, target } = await entered(t);
  const twin = postgresTarget(pool);
  for (let seq = 0; seq < 20; seq += 1) {
    const results = await Promise.allSettled([
      target.commit(fence(), step(seq), insert(`${seq} a`)),
      twin.commit(fence(), step(seq), insert(`${seq} b`)),
    ]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    const lost = results.find((result) => result.status === "rejected");
    assert.ok(lost?.reason instanceof FenceLost);
  }
  assert.equal((await names(pool)).length, 20);
});

test("the client goes back to the pool whatever happens, as it came", { skip }, async (t) => {
  const { pool, target } = await entered(t, { max: 1 });
  const before = await pool.connect();
  const listeners = ["error", "drain"].map((name) => before.listenerCount(name));
  before.release();
  await target.commit(fence(), step(0), insert("a"));
  await assert.rejects(target.commit(fence(), step(1), insert("a")));
  await assert.rejects(target.commit(fence(), step(0), insert("b")), FenceLost);
  await assert.rejects(target.enter(fence({ token: 0 })), FenceLost);
  assert.deepEqual([pool.totalCount, pool.idleCount], [1, 1]);
  const after = await pool.connect();
  assert.equal(after, before);
  assert.deepEqual(
    ["error", "drain"].map((name) => after.listenerCount(name)),
    listeners,
  );
  after.release();
});

test("a connection that breaks before COMMIT fails the attempt; the next one finds nothing of it", {
  skip,
}, async (t) => {
  const { pool, target } = await entered(t);
  const broken = target.commit(fence(), step(0), async (tx) => {
    await insert("a")(tx);
    await terminate(pool, await pidOf(tx));
  });
  await assert.rejects(broken, (error: Error) => !/not known/.test(error.message));
  assert.deepEqual(await target.enter(fence({ token: 2 })), { seq: 0, cursor: null });
  assert.deepEqual(await names(pool), []);
  await target.commit(fence({ token: 2 }), step(0), insert("a"));
  assert.equal(pool.waitingCount, 0);
});

test("a connection that breaks during COMMIT leaves an unknown outcome; the next attempt reads it", {
  skip,
}, async (t) => {
  const { pool, target } = await entered(t);
  await pool.query(`
    CREATE OR REPLACE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(3600); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()`);
  let pid = 0;
  const broken = later(
    target.commit(fence(), step(0), async (tx) => {
      pid = await pidOf(tx);
      await insert("a")(tx);
    }),
  );
  await waitFor(
    async () => {
      const { rows } = await pool.query("SELECT FROM pg_stat_activity WHERE pid = $1 AND query = 'COMMIT'", [pid]);
      return rows.length > 0;
    },
    { what: "the COMMIT to be under way" },
  );
  await terminate(pool, pid);
  await assert.rejects(broken, /broke during COMMIT .* not known whether the transaction took place/);
  assert.deepEqual(await target.enter(fence({ token: 2 })), { seq: 0, cursor: null });
  assert.deepEqual(await names(pool), []);
});

test("a connection that breaks right after COMMIT leaves an unknown outcome; the next attempt reads it", {
  skip,
}, async (t) => {
  const { pool, target } = await entered(t);
  const proxy = await openPostgresProxy(t, postgres.url);
  const doubtful = postgresTarget(postgres.poolFor(t, { connectionString: proxy.url }));
  await doubtful.enter(fence({ token: 2 }));
  let pid = 0;
  const swallowed = proxy.swallowCommit();
  const broken = later(
    doubtful.commit(fence({ token: 2 }), step(0), async (tx) => {
      pid = await pidOf(tx);
      await insert("a")(tx);
    }),
  );
  await swallowed;
  await terminate(pool, pid);
  await assert.rejects(broken, /broke during COMMIT .* not known whether the transaction took place/);
  assert.deepEqual(await names(pool), ["a"]);
  await assert.rejects(target.commit(fence({ token: 2 }), step(0), insert("again")), FenceLost);
  assert.deepEqual(await target.enter(fence({ token: 3 })), { seq: 1, cursor: 1 });
  await target.commit(fence({ token: 3 }), step(1), insert("b"));
  assert.deepEqual(await names(pool), ["a", "b"]);
});

test("a new attempt waits for the commit that its predecessor is about to make, and sees it", { skip }, async (t) => {
  const { pool, target } = await entered(t);
  const goOn = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const committing = target.commit(fence(), step(0), async (tx) => {
    await insert("a")(tx);
    inside.resolve();
    await goOn.promise;
  });
  await inside.promise;
  const entering = target.enter(fence({ token: 2 }));
  await untilWaiting(pool, 1);
  goOn.resolve();
  await committing;
  assert.deepEqual(await entering, { seq: 1, cursor: 1 });
});

test("a new attempt ends the session of one that hangs in its transaction, which then lands nothing", {
  skip,
}, async (t) => {
  const { pool, target } = await entered(t);
  const wakeUp = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const hanging = later(
    target.commit(fence(), step(0), async (tx) => {
      await insert("late")(tx);
      inside.resolve();
      await wakeUp.promise;
      await insert("later")(tx);
    }),
  );
  await inside.promise;
  assert.deepEqual(await target.enter(fence({ token: 2 })), { seq: 0, cursor: null });
  await target.commit(fence({ token: 2 }), step(0), insert("a"));
  wakeUp.resolve();
  await assert.rejects(hanging);
  assert.deepEqual(await names(pool), ["a"]);
});

test("an attempt that was replaced does not end the session of the one that replaced it", { skip }, async (t) => {
  const { pool, target } = await entered(t);
  await target.enter(fence({ token: 2 }));
  const goOn = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const committing = target.commit(fence({ token: 2 }), step(0), async (tx) => {
    await insert("a")(tx);
    inside.resolve();
    await goOn.promise;
  });
  await inside.promise;
  await assert.rejects(target.enter(fence({ token: 1 })), FenceLost);
  goOn.resolve();
  await committing;
  assert.deepEqual(await names(pool), ["a"]);
});

test("rows that somebody else holds are not wrested from them, but named", { skip }, async (t) => {
  const { pool, target } = await entered(t);
  const stranger = await pool.connect();
  await stranger.query("BEGIN; SELECT FROM pawl_effects FOR UPDATE");
  await assert.rejects(target.enter(fence({ token: 2 })), /locks job job-1 in \S+\.pawl_effects/);
  await assert.rejects(target.commit(fence(), step(0), insert("a")), /locks job job-1 in \S+\.pawl_effects/);
  await stranger.query("COMMIT");
  stranger.release();
  assert.deepEqual(await target.enter(fence({ token: 2 })), { seq: 0, cursor: null });
});

test("an attempt that was frozen right after it was replaced does not hold up the commits of the new one", {
  skip,
}, async (t) => {
  const { pool, target } = await entered(t);
  await target.enter(fence({ token: 2 }));
  const frozen = await frozenBeforeItLooked(pool);
  await target.commit(fence({ token: 2 }), step(0), insert("a"));
  await assert.rejects(frozen.query("SELECT 1"));
  frozen.release(true);
  assert.deepEqual(await names(pool), ["a"]);
});

test("a callback has the patience for locks that its session has", { skip }, async (t) => {
  const url = new URL(postgres.url);
  url.searchParams.set("options", `${url.searchParams.get("options")} -c lock_timeout=77s`);
  const { target } = await entered(t, { connectionString: url.href });
  const patience = await target.commit(fence(), step(0), async (tx) => (await tx.query("SHOW lock_timeout")).rows);
  assert.deepEqual(patience, [{ lock_timeout: "77s" }]);
});

test("a callback that gives up waiting for a lock runs once and fails with that", { skip }, async (t) => {
  const { pool, target } = await entered(t);
  const holder = await pool.connect();
  await holder.query("BEGIN; LOCK TABLE item");
  let runs = 0;
  const impatient = target.commit(fence(), step(0), (tx) => {
    runs += 1;
    return tx.query("LOCK TABLE item NOWAIT");
  });
  await assert.rejects(impatient, { code: "55P03" });
  assert.equal(runs, 1);
  await holder.query("COMMIT");
  holder.release();
});

test("a new attempt of a later run ends one of an earlier run that hangs, too", { skip }, async (t) => {
  const { pool, target } = await entered(t);
  const inside = Promise.withResolvers<void>();
  const hanging = later(
    target.commit(fence(), step(0), async (tx) => {
      await insert("late")(tx);
      inside.resolve();
      await tx.query("SELECT pg_sleep(3600)");
    }),
  );
  await inside.promise;
  assert.deepEqual(await target.enter(fence({ run: 2, token: 2 })), { seq: 0, cursor: null });
  await assert.rejects(hanging);
  assert.deepEqual(await names(pool), []);
});

test("the table is made once, however many come first at the same time", { skip }, async (t) => {
  const pools = Array.from({ length: 8 }, () => postgres.poolFor(t, { max: 1 }));
  const watching = postgres.poolFor(t);
  const obstacle = await watching.connect();
  await obstacle.query("DROP TABLE IF EXISTS pawl_effects");
  // All of them find no table, and wait for this one, which is never there.
  await obstacle.query("BEGIN; CREATE TABLE pawl_effects (never int)");
  const entering = Promise.all(pools.map((pool, n) => postgresTarget(pool).enter(fence({ jobId: `job-${n}` }))));
  await untilWaiting(watching, pools.length);
  await obstacle.query("ROLLBACK");
  obstacle.release();
  assert.deepEqual(new Set((await entering).map(({ seq }) => seq)), new Set([0]));
});

test("the table stands in the schema that was asked for, whatever path a callback sets", { skip }, async (t) => {
  const pool = postgres.poolFor(t);
  const schema = `${postgres.schema} "own"`;
  const quoted = pg.escapeIdentifier(schema);
  await pool.query(`CREATE SCHEMA ${quoted}`);
  t.after(() => dropAlone(`DROP SCHEMA ${quoted} CASCADE`));
  const target = postgresTarget(pool, { schema });
  await target.enter(fence());
  await target.commit(fence(), step(0), (tx) => tx.query("SET LOCAL search_path TO pg_temp"));
  const { rows } = await pool.query(`SELECT job_id, seq::int FROM ${quoted}.pawl_effects`);
  assert.deepEqual(rows, [{ job_id: "job-1", seq: 1 }]);
});

test("a database whose transactions are serializable by default keeps the promise, too", { skip }, async (t) => {
  const url = new URL(postgres.url);
  url.searchParams.set("options", `${url.searchParams.get("options")} -c default_transaction_isolation=serializable`);
  const { pool, target } = await entered(t, { connectionString: url.href });
  const goOn = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const first = target.commit(fence(), step(0), async (tx) => {
    await insert("a")(tx);
    inside.resolve();
    await goOn.promise;
  });
  await inside.promise;
  let ran = false;
  const second = later(
    target.commit(fence(), step(0), () => {
      ran = true;
    }),
  );
  const next = target.enter(fence({ token: 2 }));
  await untilWaiting(pool, 2);
  goOn.resolve();
  await first;
  await assert.rejects(second);
  assert.equal(ran, false);
  assert.deepEqual(await next, { seq: 1, cursor: 1 });
  await target.commit(fence({ token: 2 }), step(1), insert("b"));
  assert.deepEqual(await names(pool), ["a", "b"]);
});

test("a full disk is storage_full, and passes when there is room again", { skip }, async (t) => {
  const { pool, target } = await entered(t);
  const full = (tx: pg.PoolClient) =>
    tx.query(`DO $$ BEGIN RAISE disk_full USING MESSAGE = 'could not extend file'; END $$`);
  await assert.rejects(target.commit(fence(), step(0), full), { code: "storage_full" });
  await target.commit(fence(), step(0), insert("a"));
  assert.deepEqual(await names(pool), ["a"]);
});

/** A role that may only connect, as which the answered pool works. Where the tests may not create one: `null`. */
async function poolOfRole(t: TestContext, name: string): Promise<pg.Pool | null> {
  const role = `${postgres.schema}_${name}`;
  const pool = postgres.poolFor(t);
  try {
    await pool.query(`CREATE ROLE ${role}; GRANT ${role} TO CURRENT_USER`);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === "42501") return null;
    throw error;
  }
  t.after(() => dropAlone(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
  const url = new URL(postgres.url);
  url.searchParams.set("options", `${url.searchParams.get("options")} -c role=${role}`);
  return postgres.poolFor(t, { connectionString: url.href });
}

/** After a test, when its pools have ended. */
async function dropAlone(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

test("a role that may not create the table gets the SQL that lets it, and needs no more", { skip }, async (t) => {
  const { pool } = await entered(t);
  const humble = await poolOfRole(t, "humble");
  if (humble === null) return t.skip("SKIPPED: the role of TEST_DATABASE_URL may not create roles");
  await pool.query("DROP TABLE pawl_effects");
  const target = postgresTarget(humble, { schema: postgres.schema });
  const refusal = await target.enter(fence()).then(
    () => assert.fail("the role may not create a table"),
    (error: Error & { readonly code?: string }) => error,
  );
  assert.equal(refusal.code, "target_not_ready");
  assert.match(refusal.message, /The role \S+_humble cannot use or create the table .* permission denied for schema/);
  const [, sql = ""] = refusal.message.split("retry the job:");
  await pool.query(sql);
  assert.deepEqual(await target.enter(fence()), { seq: 0, cursor: null });
  await target.commit(fence(), step(0), (tx) => tx.query("SELECT 1"));
});

test("a table that belongs to somebody else is refused with the SQL that lends it", { skip }, async (t) => {
  const { pool } = await entered(t);
  const stranger = await poolOfRole(t, "stranger");
  if (stranger === null) return t.skip("SKIPPED: the role of TEST_DATABASE_URL may not create roles");
  const { rows } = await stranger.query("SELECT current_user AS name");
  await pool.query(`GRANT USAGE ON SCHEMA ${postgres.schema} TO ${rows[0].name}`);
  await assert.rejects(postgresTarget(stranger).enter(fence()), {
    code: "target_not_ready",
    message: /permission denied for table pawl_effects[\s\S]*GRANT SELECT, INSERT, UPDATE ON/,
  });
});

test("a schema that does not exist is named", { skip }, async (t) => {
  const target = postgresTarget(postgres.poolFor(t), { schema: "nowhere" });
  await assert.rejects(target.enter(fence()), { code: "target_not_ready", message: /schema "nowhere" does not exist/ });
});

test("an attempt that may not end the session in its way says whose way out it is", { skip }, async (t) => {
  const { pool, target } = await entered(t);
  const weak = await poolOfRole(t, "weak");
  if (weak === null) return t.skip("SKIPPED: the role of TEST_DATABASE_URL may not create roles");
  const { rows } = await weak.query("SELECT current_user AS name");
  await pool.query(`
    GRANT USAGE ON SCHEMA ${postgres.schema} TO ${rows[0].name};
    GRANT SELECT, INSERT, UPDATE ON pawl_effects TO ${rows[0].name}`);
  const inside = Promise.withResolvers<void>();
  const wakeUp = Promise.withResolvers<void>();
  const holding = target.commit(fence(), step(0), async () => {
    inside.resolve();
    await wakeUp.promise;
  });
  await inside.promise;
  await assert.rejects(postgresTarget(weak).enter(fence({ token: 2 })), /this role may not end that session/);
  wakeUp.resolve();
  await holding;
});
