// What a process does less often when very many others share its database.
import assert from "node:assert/strict";
import { test } from "node:test";
import { drive } from "../../src/testing/contract/store-driver.ts";
import { testPostgres } from "../support/postgres.ts";
import { createStoppedStores } from "../support/postgres-store.ts";

const postgres = await testPostgres();

const OTHERS = 100;

test("of a large fleet, each process looks for the dead less often, and finds them whenever it looks", {
  skip: postgres.skip,
}, async () => {
  const schema = `${postgres.schema}_large`;
  await using ends = new AsyncDisposableStack();
  ends.defer(() => postgres.runAlone(`DROP SCHEMA ${schema} CASCADE`));
  const stores = createStoppedStores({ url: postgres.url, schema });
  ends.defer(() => stores.close());
  const { store, dispose } = await stores.open();
  ends.defer(dispose);
  const { leases } = store;
  const join = (from: number, to: number) =>
    postgres.runAlone(`
      INSERT INTO ${schema}.workers (id, host, pid, concurrency, alive, started_at, seen_at, expires_at)
      SELECT 'other ' || n, 'elsewhere', 1, 10, true, 0, 0, 9e15::bigint FROM generate_series(${from}, ${to}) AS n`);
  assert.equal(leases.reapEveryMs, 1_000);
  await join(1, OTHERS);
  const job = await drive(store);
  await job.claim();
  assert.equal(await leases.reap({ crashLimit: 5 }), 0);
  assert.equal(leases.reapEveryMs, (OTHERS + 1) * 20);
  await leases.retire(job.workerId);
  assert.equal(await leases.reap({ crashLimit: 5 }), 1);
  await join(OTHERS + 1, 10 * OTHERS);
  await leases.reap({ crashLimit: 5 });
  assert.equal(leases.reapEveryMs, store.leaseMs / 3, "however many there are");
});
