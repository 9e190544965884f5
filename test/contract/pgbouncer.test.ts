// The PostgreSQL store through PgBouncer in transaction mode, with two connections to the server for everybody: no state of
// a session counts there, and named statements are the pooler's to keep.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { createManager, PawlError, systemClock } from "../../src/index.ts";
import { createPostgresStore } from "../../src/stores/postgres/index.ts";
import { attemptTests } from "../../src/testing/contract/attempt-tests.ts";
import { claimTests } from "../../src/testing/contract/claim-tests.ts";
import { closingTests } from "../../src/testing/contract/closing-tests.ts";
import { NEWEST, type Register, recordOf } from "../../src/testing/contract/context.ts";
import { controlTests } from "../../src/testing/contract/control-tests.ts";
import { dedupeTests } from "../../src/testing/contract/dedupe-tests.ts";
import { fileTests } from "../../src/testing/contract/file-tests.ts";
import { insertTests } from "../../src/testing/contract/insert-tests.ts";
import { leaseTests } from "../../src/testing/contract/lease-tests.ts";
import { limitTests } from "../../src/testing/contract/limit-tests.ts";
import { noticeTests } from "../../src/testing/contract/notice-tests.ts";
import { scheduleTests } from "../../src/testing/contract/schedule-tests.ts";
import { settleTests } from "../../src/testing/contract/settle-tests.ts";
import { togetherTests } from "../../src/testing/contract/together-tests.ts";
import { missingPgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { testPostgres } from "../support/postgres.ts";
import { earOf, type Fleet, fleetOf, isResync } from "../support/postgres-fleet.ts";
import { HOLD, PEER_JOBS } from "../support/postgres-peer.ts";
import { createStoppedStores } from "../support/postgres-store.ts";
import { waitFor } from "../support/wait-for.ts";

const postgres = await testPostgres();
const missing = await missingPgBouncer();
const direct = postgres.skip === false ? withoutPath(postgres.url) : "";
const POOL = { poolSize: 2, statements: 100 } as const;

/** A pooler knows no search path. */
function withoutPath(url: string): string {
  const plain = new URL(url);
  plain.search = "";
  return plain.href;
}

/** What meets others at the same time, in transactions or by locks. The rest is said in the same way. */
const PARTS = {
  insert: insertTests,
  "insert together": togetherTests,
  deduplication: dedupeTests,
  claim: claimTests,
  "claim with limits": limitTests,
  settle: settleTests,
  control: controlTests,
  "writes of an attempt": attemptTests,
  leases: leaseTests,
  "files and removal": fileTests,
  schedules: scheduleTests,
  notices: noticeTests,
  closing: closingTests,
};

const named = postgres.skip || (missing.named ?? false);
const pooler = named === false ? await startPgBouncer(direct, POOL) : null;
after(() => pooler?.stop());

describe("PostgreSQL through PgBouncer", { skip: named, concurrency: 3 }, () => {
  const url = pooler?.url ?? "";
  const stores = createStoppedStores({ url, schema: postgres.schema });
  after(() => stores.close());
  const test: Register = (sentence, run) =>
    void it(sentence, async () => {
      const context = await stores.open({ connections: 2, listenUrl: direct });
      try {
        await run(context);
      } finally {
        await context.dispose();
      }
    });
  describe("passes what the contract says of", { concurrency: false }, () => {
    for (const [name, register] of Object.entries(PARTS)) describe(name, () => register(test));
  });

  /** One who takes what callers want, and one who works. */
  async function serverAndWorker(fleet: Fleet, listen: boolean) {
    const open = () => fleet.open({ leaseMs: 6_000, listen, ...(listen && { listenUrl: direct }) });
    const [serving, working] = [await open(), await open()];
    const managerOf = (store: typeof serving) => createManager({ store, fileStore: store.fileStore, jobs: PEER_JOBS });
    const worker = managerOf(working);
    await worker.start();
    fleet.defer(() => worker.stop());
    await waitFor(async () => (await fleet.workers()).renewed === 1, { what: "the lease to be renewed" });
    return { serving, manager: managerOf(serving) };
  }

  for (const listen of [true, false]) {
    it(`a fleet ${listen ? "hears and is seen over a direct connection" : "polls, and lives by its leases, without one"}`, async (t) => {
      const fleet = fleetOf(t, { url, schema: `${postgres.schema}_fleet` });
      const { serving, manager } = await serverAndWorker(fleet, listen);
      const ear = earOf(serving);
      assert.equal((await fleet.workers()).inSession, listen ? 1 : 0);
      const { id } = await manager.submit({ type: HOLD, input: {} });
      await manager.waitUntil(id, "running");
      await manager.cancel(id);
      await manager.waitUntil(id, "cancelled");
      assert.equal((await recordOf(serving, id)).crashCount, 0);
      if (!listen) await ear.hears("a resync", isResync);
    });
  }
});

it("a pooler that mixes up named statements is named, with what to do about it", {
  skip: postgres.skip || (missing.any ?? false),
}, async (t) => {
  const pooler = await startPgBouncer(direct, { ...POOL, statements: 0 });
  t.after(() => pooler.stop());
  const schema = `${postgres.schema}_mixed`;
  const mixUp = async () => {
    const store = await createPostgresStore({
      url: pooler.url,
      schema,
      clock: systemClock,
      listen: false,
      leaseThread: false,
    });
    try {
      for (let round = 0; round < 100; round += 1) {
        await Promise.all(Array.from({ length: 10 }, () => store.jobs.list(NEWEST)));
      }
    } finally {
      await store.close();
    }
  };
  await assert.rejects(mixUp, (error) => {
    assert.ok(error instanceof PawlError && error.code === "store_unavailable", String(error));
    return /PgBouncer 1\.21 or later with max_prepared_statements above 0/.test(error.message);
  });
  await postgres.runAlone(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
});
