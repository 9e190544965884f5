// What a process does less often when very many others share its database.
import assert from "node:assert/strict";
import { test } from "node:test";
import { drive } from "../../src/testing/contract/store-driver.ts";
import { testPostgres } from "../support/postgres.ts";
import { createStoppedStores } from "../support/postgres-store.ts";

const postgres = await testPostgres();

const OTHERS = 500;
/** Once for each of them in 20 ms, of which one second is the interval of the reaper. */
const LOOK_EVERY_MS = OTHERS * 20 - 1_000;

test("of a large fleet, each process looks for the dead seldom", { skip: postgres.skip }, async () => {
  const schema = `${postgres.schema}_large`;
  await using ends = new AsyncDisposableStack();
  ends.defer(() => postgres.runAlone(`DROP SCHEMA ${schema} CASCADE`));
  const stores = createStoppedStores({ url: postgres.url, schema });
  ends.defer(() => stores.close());
  const { store, advance, dispose } = await stores.open();
  ends.defer(dispose);
  await postgres.runAlone(`
    INSERT INTO ${schema}.workers (id, host, pid, concurrency, alive, started_at, seen_at, expires_at)
    SELECT 'other ' || n, 'elsewhere', 1, 10, true, 0, 0, 9e15::bigint FROM generate_series(1, ${OTHERS}) AS n`);
  const job = await drive(store);
  await job.claim();
  assert.equal(await store.leases.reap({ crashLimit: 5 }), 0);
  await store.leases.retire(job.workerId);
  await advance(LOOK_EVERY_MS - 1_000);
  assert.equal(await store.leases.reap({ crashLimit: 5 }), 0);
  await advance(2_000);
  assert.equal(await store.leases.reap({ crashLimit: 5 }), 1);
});
