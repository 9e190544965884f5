// What a fleet over PostgreSQL keeps to although its machines' clocks are wrong, an address is blocked, or the server's
// sessions all end at once. By the machine's clock; bounds only end a hang, but where they say so.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { type Clock, createManager, defineJob, type Manager, systemClock } from "../../src/index.ts";
import { NEWEST, PROGRESS, recordOf, withCode } from "../../src/testing/contract/context.ts";
import { claimable, drive, registerWorker } from "../../src/testing/contract/store-driver.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { testPostgres } from "../support/postgres.ts";
import { earOf, type Fleet, fleetOf, isResync, sweep } from "../support/postgres-fleet.ts";
import { openPostgresProxy } from "../support/postgres-proxy.ts";
import { missingServer, startPostgresServer } from "../support/postgres-server.ts";
import { waitFor } from "../support/wait-for.ts";

const postgres = await testPostgres();

/** Those who cannot listen read again this often. */
const POLL_MS = 3_000;

const hold = defineJob({
  type: "hold",
  input: z.object({}),
  async run(job) {
    for (let count = 0; ; count += 1) {
      await job.checkpoint({ count });
      await job.wait(50);
    }
  },
});

const tick = defineJob({ type: "tick", input: z.object({}), run: async () => {} });

/** A machine whose clock is wrong by so much. */
const wrongBy = (ms: number): Clock => ({ ...systemClock, now: () => Date.now() + ms });

describe("a fleet", { skip: postgres.skip, concurrency: 3 }, () => {
  test("counts nobody as dead when the server ends all sessions because one of its processes died", {
    skip: missingServer() ?? false,
  }, async (t) => {
    const LEASE_MS = 9_000;
    const server = await startPostgresServer();
    const fleet = fleetOf(t, { url: server.url, schema: "pawl" });
    t.after(() => server.stop());
    const proxy = await openPostgresProxy(t, server.url);
    const stores = [await fleet.open({ leaseMs: LEASE_MS }), await fleet.open({ url: proxy.url, leaseMs: LEASE_MS })];
    const managers = stores.map((store) =>
      createManager({ store, fileStore: store.fileStore, jobs: [hold], concurrency: 1 }),
    );
    for (const manager of managers) {
      await manager.start();
      fleet.defer(() => manager.stop());
    }
    const [store, manager] = [stores[0], managers[0]];
    assert.ok(store && manager);
    const ids = [
      await manager.submit({ type: "hold", input: {} }),
      await manager.submit({ type: "hold", input: {} }),
    ].map(({ id }) => id);
    for (const id of ids) await manager.waitUntil(id, "running");
    const isSeen = () =>
      waitFor(async () => (await fleet.workers().catch(() => null))?.inSession === 2, { what: "both sessions" });
    await isSeen();
    await waitFor(async () => (await fleet.serverUpMs()) > LEASE_MS, { what: "the server to have run for long" });
    // One of them takes longer to come back than it takes to tell that a session is missing.
    const pid = await fleet.somePid();
    proxy.cut();
    process.kill(pid, "SIGKILL");
    await sleep(3_500);
    proxy.heal();
    await isSeen();
    for (const id of ids) {
      const { state, crashCount, token } = await recordOf(store, id);
      assert.deepEqual([state, crashCount, token], ["running", 0, 1]);
    }
  });

  test("polls once for all the time that a clock jumps over", async (t) => {
    const clock = createFakeClock(Date.now());
    const store = await fleetOf(t, postgres).open({ clock, listen: false, leaseThread: false });
    let resyncs = 0;
    store.notifier.subscribe((notice) => {
      if (notice.kind === "resync") resyncs += 1;
    });
    clock.advance(30 * 86_400_000);
    await store.ping();
    assert.equal(resyncs, 1);
    clock.advance(POLL_MS);
    assert.equal(resyncs, 2);
  });

  describe("whose machines have wrong clocks", () => {
    const MINUTES_MS = 600_000;
    const FIRINGS_ALONE = 2;
    const FIRINGS = 8;

    async function managerAt(fleet: Fleet, clock: Clock): Promise<Manager> {
      const store = await fleet.open({ clock });
      const manager = createManager({ store, fileStore: store.fileStore, jobs: [tick], clock });
      fleet.defer(() => manager.stop());
      return manager;
    }

    test("fires each second of a schedule once, at the database's time", async (t) => {
      const fleet = fleetOf(t, postgres);
      const store = await fleet.open();
      const [ahead, behind, right] = await Promise.all([
        managerAt(fleet, wrongBy(MINUTES_MS)),
        managerAt(fleet, wrongBy(-MINUTES_MS)),
        managerAt(fleet, systemClock),
      ]);
      const jobs = () => store.jobs.list({ ...NEWEST, order: "oldest", limit: 100, label: "schedule:seconds" });
      const fired = (count: number) =>
        waitFor(async () => (await jobs()).length >= count, { what: `${count} firings` });
      const before = store.now();
      const seconds = { name: "seconds", cron: "* * * * * *", type: "tick", input: {} };
      await ahead.schedules.create({ ...seconds, overlap: "queue", missed: "all" });
      await behind.start();
      await fired(FIRINGS_ALONE);
      await Promise.all([ahead.start(), right.start()]);
      await fired(FIRINGS);
      const times = (await jobs()).map((job) => ({ ...job, fireAt: Date.parse(job.labels.fireAt ?? "") }));
      const first = times[0]?.fireAt ?? 0;
      // Not minutes before, nor after.
      assert.ok(Math.abs(first - before) < MINUTES_MS / 2, `made at ${before}, and first fired for ${first}`);
      assert.deepEqual(
        times.map(({ fireAt }) => fireAt),
        times.map((_, index) => first + index * 1_000),
      );
      for (const { fireAt, createdAt } of times) assert.ok(createdAt >= fireAt, `${fireAt - createdAt} ms too early`);
    });
  });

  describe("whose direct address does not work", { concurrency: 2 }, () => {
    const LEASE_MS = 6_000;

    /** A logger, and what it was told. */
    function record() {
      const told: string[] = [];
      const tell = (_: object, message: string) => void told.push(message);
      const isTold = (part: string) => told.filter((message) => message.includes(part)).length;
      return { isTold, logger: { debug: tell, info: tell, warn: tell, error: tell } };
    }

    const ROUNDABOUT = "leases are renewed through the database's url";
    const HEARD = "Notices of other processes are heard again";
    const inSession = (fleet: Fleet) =>
      waitFor(async () => (await fleet.workers()).inSession === 1, { what: "the session of the worker" });

    test("starts all the same: leases go through the other one, notices are read up on, until it works", async (t) => {
      const fleet = fleetOf(t, postgres);
      const proxy = await openPostgresProxy(t, postgres.url);
      const { logger, isTold } = record();
      proxy.cut();
      const store = await fleet.open({ listenUrl: proxy.url, leaseMs: LEASE_MS, logger });
      const ear = earOf(store);
      await registerWorker(store);
      await waitFor(async () => (await fleet.workers()).renewed === 1, { what: "a renewal" });
      await ear.hears("a resync", isResync);
      assert.deepEqual([(await fleet.workers()).inSession, isTold(ROUNDABOUT)], [0, 1]);
      proxy.heal();
      await inSession(fleet);
      await waitFor(async () => isTold(HEARD) === 1, { what: "notices to be heard" });
      assert.equal(isTold(ROUNDABOUT), 1);
    });

    for (const [what, makeTwin] of [
      ["has no store", false],
      ["has another store of the same name", true],
    ] as const) {
      test(`works without it where it leads to a database that ${what}, and says so once`, async (t) => {
        const fleet = fleetOf(t, postgres);
        const name = `${fleet.schema}_elsewhere`;
        await postgres.runAlone(`CREATE DATABASE ${name}`);
        fleet.defer(() => postgres.runAlone(`DROP DATABASE ${name} WITH (FORCE)`));
        const elsewhere = new URL(postgres.url);
        elsewhere.pathname = `/${name}`;
        if (makeTwin) await fleet.open({ url: elsewhere.href });
        const { logger, isTold } = record();
        const sender = await fleet.open({ listenUrl: elsewhere.href, leaseMs: LEASE_MS, logger });
        const ear = earOf(await fleet.open());
        const { workerId } = await drive(sender);
        const seenAt = async () => (await sender.leases.workers()).find(({ id }) => id === workerId)?.seenAt ?? 0;
        const start = sender.now();
        // Two renewals: whoever tried the wrong way at each would have said so, or lost the lease.
        await waitFor(async () => (await seenAt()) > start + LEASE_MS / 2, { what: "renewals", withinMs: 60_000 });
        assert.deepEqual([isTold(ROUNDABOUT), isTold("are not heard; it is tried again")], [1, 1]);
        await ear.hears("of the job, by way of the pool", ({ kind }) => kind === "changed");
      });
    }

    test("loses no lease when nothing passes there any more, although nobody says so", async (t) => {
      const fleet = fleetOf(t, postgres);
      const proxy = await openPostgresProxy(t, postgres.url);
      const { logger, isTold } = record();
      sweep(fleet, await fleet.open({ leaseMs: LEASE_MS }));
      const store = await fleet.open({ listenUrl: proxy.url, leaseMs: LEASE_MS, logger });
      const driver = await drive(store);
      await driver.claim();
      await inSession(fleet);
      proxy.silence();
      const silentAt = store.now();
      const seenAt = async () => (await store.leases.workers()).find(({ id }) => id === driver.workerId)?.seenAt;
      await waitFor(async () => ((await seenAt()) ?? 0) > silentAt + LEASE_MS, { what: "a renewal, a lease later" });
      assert.deepEqual([(await driver.record()).state, isTold(ROUNDABOUT)], ["running", 1]);
      proxy.heal();
      await inSession(fleet);
      assert.equal((await driver.settle("succeed"))?.state, "succeeded");
      assert.equal(isTold(ROUNDABOUT), 1);
    });
  });

  test("answers a write that hangs until its lease is over as refused, whatever becomes of it", async (t) => {
    const proxy = await openPostgresProxy(t, postgres.url);
    const apart = await fleetOf(t, postgres).open({ url: proxy.url, leaseMs: 2_500 });
    const driver = await drive(apart);
    await driver.claim();
    proxy.silence();
    // All under way when nothing passes any more, and none of them hears of it.
    const lease = driver.lease();
    const checkpoint = apart.jobs.checkpoint([{ ...lease, seq: 1, cursor: null, progress: PROGRESS }]);
    const step = apart.steps.saveStep(lease, { name: "a", result: 1 });
    const claim = apart.jobs.claim({ workerId: lease.workerId, types: claimable("noop"), limit: 1 });
    const settled = apart.jobs.settle([{ ...lease, event: "succeed" }]);
    assert.deepEqual([await checkpoint, await step, await settled], [[false], false, [null]]);
    assert.equal((await claim).kind, "worker_dead");
    proxy.heal();
  });

  describe("whose uploads share a quota", () => {
    const FILE = { name: "a.bin", mediaType: "application/octet-stream", maxBytes: 10_000_000 };
    /** As large as the pieces in which bytes are stored. */
    const PIECE = 262_144;

    async function uploaders(t: TestContext, uploadQuotaBytes: number) {
      const fleet = fleetOf(t, postgres);
      const stores = [await fleet.open({ leaseThread: false }), await fleet.open({ leaseThread: false })] as const;
      const clock = createFakeClock(0);
      const [one, other] = stores.map((store) =>
        createManager({ store, fileStore: store.fileStore, jobs: [], uploadQuotaBytes, clock }),
      );
      assert.ok(one && other);
      return { one, other, clock, uploadedBytes: () => stores[0].files.uploadedBytes() };
    }

    async function* pieces(...sizes: readonly number[]) {
      for (const size of sizes) yield new Uint8Array(size);
    }

    const upload = (manager: Manager, ...sizes: readonly number[]) => manager.files.upload(pieces(...sizes), FILE);
    const isFull = withCode("quota_exceeded");

    test("stores what fits, to the last byte, through whichever server it comes", async (t) => {
      const { one, other, uploadedBytes } = await uploaders(t, 100);
      await upload(one, 30);
      await upload(other, 30);
      await assert.rejects(upload(one, 41), isFull);
      const both = [upload(one, 25), upload(other, 25)];
      const stored = (await Promise.allSettled(both)).filter(({ status }) => status === "fulfilled");
      assert.deepEqual([stored.length, await uploadedBytes()], [1, 85]);
      await upload(other, 15);
      for (const manager of [one, other]) await assert.rejects(upload(manager, 1), isFull);
      assert.equal(await uploadedBytes(), 100);
    });

    test("counts what another server is receiving, until it breaks off", async (t) => {
      const { one, other, clock } = await uploaders(t, 3 * PIECE);
      await upload(other, 0);
      const [taken, broken] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()];
      async function* slowly() {
        yield* pieces(PIECE, PIECE);
        taken.resolve();
        yield* pieces(await broken.promise);
      }
      const slow = one.files.upload(slowly(), FILE);
      await taken.promise;
      // What was seen before has had its time.
      clock.advance(1_000);
      await assert.rejects(upload(other, PIECE, 1), isFull);
      await upload(other, PIECE);
      broken.reject(new Error("The caller has gone."));
      await assert.rejects(slow, /has gone/);
      await upload(other, PIECE, PIECE);
    });
  });
});
