// How PostgreSQL answers what is asked all the time. Statements are planned once a connection, by what is known of the
// table then: these tests let them be planned for a small and idle table, and then let it grow.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import pg from "pg";
import type { Store } from "../../src/ports/store.ts";
import { NEWEST, PROGRESS } from "../../src/testing/contract/context.ts";
import { claimable, newJob, registerWorker, request } from "../../src/testing/contract/store-driver.ts";
import { testPostgres } from "../support/postgres.ts";
import { type Fleet, fleetOf } from "../support/postgres-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

const postgres = await testPostgres();

const TYPE = "planned";
const FEW = 50;
const MANY = 20_000;
const BATCH = 1_000;
/** More often than PostgreSQL plans a statement for its values. */
const TIMES = 8;
const HELD = 200;
const SHORT_LEASE_MS = 1_000;

const READS = (schema: string) => `
  SELECT (SELECT seq_tup_read FROM pg_stat_user_tables WHERE schemaname = '${schema}' AND relname = 'jobs')::int AS whole,
    (SELECT idx_tup_read FROM pg_stat_user_indexes WHERE schemaname = '${schema}' AND indexrelname = 'jobs_leased')::int
      AS leased,
    (SELECT reltuples FROM pg_class WHERE oid = '${schema}.jobs'::regclass)::int AS known`;

async function readsOf({ schema }: Fleet): Promise<{ whole: number; leased: number; known: number }> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query(READS(schema));
  await client.end();
  return rows[0];
}

async function fill({ jobs }: Store, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let done = 0; done < count; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - done) }, () => newJob({ type: TYPE }));
    await jobs.insert(batch);
    ids.push(...batch.map(({ id }) => id));
  }
  return ids;
}

/** What a server and a worker ask all the time, of one job each time. */
async function work({ jobs }: Store, workerId: string): Promise<void> {
  for (let time = 0; time < TIMES; time += 1) {
    const { jobs: claimed } = await jobs.claim({ workerId, types: claimable(TYPE), limit: 1 });
    for (const { id, token } of claimed) {
      const lease = { id, workerId, token };
      await jobs.checkpoint([{ ...lease, seq: 1, cursor: 1, progress: PROGRESS }]);
      await jobs.reportProgress([{ ...lease, progress: PROGRESS }]);
      await jobs.get([id]);
      await jobs.control([request(id, "pause")]);
      await jobs.settle([{ ...lease, event: "halt", cause: "pause" }]);
      await jobs.list({ ...NEWEST, limit: 5, state: ["paused"] });
      await jobs.list({ ...NEWEST, limit: 5, label: "none:such" });
    }
  }
}

describe("plans", { skip: postgres.skip, concurrency: 2 }, () => {
  test("that were made for few jobs are as good for many", async (t) => {
    const fleet = fleetOf(t, postgres);
    const store = await fleet.open({ leaseThread: false, listen: false });
    const workerId = await registerWorker(store);
    await fill(store, FEW);
    await postgres.runAlone(`VACUUM ANALYZE ${fleet.schema}.jobs`);
    await work(store, workerId);
    await fill(store, MANY);
    await work(store, workerId);
    // Its sessions tell what they read when they end.
    await store.close();
    const { whole } = await readsOf(fleet);
    assert.ok(whole < MANY, `${whole} jobs were read by reading the whole table`);
  });

  test("do not go through all that a worker holds, although nobody held anything when they were made", async (t) => {
    const fleet = fleetOf(t, postgres);
    const store = await fleet.open({ leaseThread: false, listen: false });
    const workerId = await registerWorker(store);
    await fill(store, 10 * HELD);
    await postgres.runAlone(`VACUUM ANALYZE ${fleet.schema}.jobs`);
    const { jobs: claimed } = await store.jobs.claim({ workerId, types: claimable(TYPE), limit: HELD });
    const leases = claimed.map(({ id, token }) => ({ id, workerId, token }));
    await store.jobs.checkpoint(leases.map((lease) => ({ ...lease, seq: 1, cursor: 1, progress: PROGRESS })));
    const settled = await store.jobs.settle(leases.map((lease) => ({ ...lease, event: "succeed", output: null })));
    await store.close();
    assert.equal(settled.filter((result) => result?.state === "succeeded").length, HELD);
    const { leased } = await readsOf(fleet);
    assert.ok(leased < HELD, `${leased} entries of what is held were read`);
  });

  test("are made anew when there are many more jobs than the server knows of", async (t) => {
    const fleet = fleetOf(t, postgres);
    const store = await fleet.open({ leaseMs: SHORT_LEASE_MS, leaseThread: false, listen: false });
    await fill(store, FEW);
    // The server itself would do it a minute later.
    await postgres.runAlone(`ALTER TABLE ${fleet.schema}.jobs SET (autovacuum_enabled = false)`);
    await postgres.runAlone(`ANALYZE ${fleet.schema}.jobs`);
    await fill(store, MANY);
    await waitFor(
      async () => {
        await store.leases.reap({ crashLimit: 5 });
        const { known } = await readsOf(fleet);
        return known > MANY / 2 ? known : undefined;
      },
      { what: "the server to know of the new jobs", withinMs: 30_000 },
    );
  });
});

test("a claim that finds its job locked by others looks again soon", { skip: postgres.skip }, async (t) => {
  const fleet = fleetOf(t, postgres);
  const store = await fleet.open({ leaseThread: false, listen: false });
  const workerId = await registerWorker(store);
  const [id] = await fill(store, 1);
  const client = new pg.Client({ connectionString: postgres.url });
  fleet.defer(() => client.end());
  await client.connect();
  const wanted = { workerId, types: claimable(TYPE), limit: 10 };
  await client.query("BEGIN");
  await client.query(`SELECT FROM ${fleet.schema}.jobs WHERE id = $1 FOR UPDATE`, [id]);
  const { jobs, nextInMs } = await store.jobs.claim(wanted);
  assert.deepEqual(jobs, []);
  assert.ok(nextInMs !== null && nextInMs <= 1_000, `looks again in ${nextInMs} ms`);
  await client.query("ROLLBACK");
  assert.equal((await store.jobs.claim(wanted)).jobs[0]?.id, id);
  assert.equal((await store.jobs.claim(wanted)).nextInMs, null);
});
