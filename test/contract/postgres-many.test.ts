// What only many processes can show: they hear each other, they keep their leases, and they lose them when they die. By the
// machine's clock; bounds are far above what anything takes, and below what it would take without the thing that is tested.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createManager, type Notice, systemClock } from "../../src/index.ts";
import type { Store } from "../../src/ports/store.ts";
import { createDatabase } from "../../src/stores/postgres/database.ts";
import type { PostgresStore } from "../../src/stores/postgres/index.ts";
import { PROGRESS, recordOf, withCode } from "../../src/testing/contract/context.ts";
import { claimable, drive, newJob, registerWorker } from "../../src/testing/contract/store-driver.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { testPostgres } from "../support/postgres.ts";
import { earOf, type Fleet, fleetOf, isResync, sweep, tellsOf, timed } from "../support/postgres-fleet.ts";
import { BLOCK, HOLD, PEER_JOBS, startPeer } from "../support/postgres-peer.ts";
import { openPostgresProxy } from "../support/postgres-proxy.ts";
import { missingServer, startPostgresServer } from "../support/postgres-server.ts";
import { waitFor } from "../support/wait-for.ts";

const postgres = await testPostgres();
const LONG_LEASE_MS = 15_000;
/** Longer than a machine stands still that has much to do: a lease must not end by that. */
const SHORT_LEASE_MS = 4_000;
/** Sessions are missed after 2 s: well before such a lease ends. */
const KILLED_LEASE_MS = 10_000;
/** Those who only poll do so every 5 s: what comes sooner was heard. */
const HEARD_MS = 4_000;
/** Often enough that one who polls is late at least once. */
const HEARD_TIMES = 4;

const managerOf = (store: PostgresStore) => createManager({ store, fileStore: store.fileStore, jobs: PEER_JOBS });

const becomes = (store: Store, id: string, state: string) =>
  waitFor(async () => (await recordOf(store, id)).state === state, {
    what: `the job to be ${state}`,
    withinMs: 120_000,
  });

/** The process of the only worker can be seen to live. */
const isSeen = (fleet: Fleet) =>
  waitFor(async () => (await fleet.workers()).inSession === 1, { what: "the session of the worker" });

/** Claims a job for a new worker. On a machine that is very busy its short lease may end before that: then for another one. */
const claimAnew = (store: Store) =>
  waitFor(
    async () => {
      const workerId = await registerWorker(store);
      return (await store.jobs.claim({ workerId, types: claimable(HOLD), limit: 1 })).jobs[0];
    },
    { what: "the job to be claimed" },
  );

const kindsOf = async (store: Store, id: string) =>
  (await store.history.history(id, { after: 0, limit: 100 })).map(({ kind }) => kind);

describe("many processes", { skip: postgres.skip, concurrency: 2 }, () => {
  describe("processes that share PostgreSQL", { concurrency: 3 }, () => {
    test("hear what is committed through another one: work, changes, requests and log lines", async (t) => {
      const { open } = fleetOf(t, postgres);
      const [a, b] = [await open({ leaseThread: false }), await open({ leaseThread: false })];
      const { hears } = earOf(b);
      const driver = await drive(a);
      const { id, workerId } = driver;
      await hears("work", (notice) => notice.kind === "work" && notice.inMs === 0);
      await hears("the submit", tellsOf(id, "queued"));
      await driver.claim();
      await hears("the claim", tellsOf(id, "running"));
      const line = { ...driver.lease(), at: 1, level: "info", message: "m", fields: null } as const;
      await a.logs.appendLogs([line], { keep: 5 });
      await hears("a line", (notice) => notice.kind === "logged" && notice.jobIds.includes(id));
      await driver.control("pause");
      await hears("the request", (notice) => {
        if (notice.kind !== "control") return false;
        assert.deepEqual(notice, { kind: "control", workerId, jobId: id, token: 1, action: "pause" });
        return true;
      });
      await driver.settle("halt");
      await hears("the pause", tellsOf(id, "paused"));
      await driver.control("cancel");
      await a.jobs.remove(id, { force: false });
      await hears(
        "the removal",
        (notice) => notice.kind === "changed" && notice.jobs.some((job) => job.removed === true),
      );
    });

    test("are told to read again instead of hearing very many changes", async (t) => {
      const { open } = fleetOf(t, postgres);
      const [a, b] = [await open({ leaseThread: false }), await open({ leaseThread: false })];
      const { hears } = earOf(b);
      await a.jobs.insert(Array.from({ length: 1_000 }, () => newJob()));
      await hears("a resync", isResync);
    });

    test("are told to read again every few seconds where they cannot listen, and are heard all the same", async (t) => {
      const { open } = fleetOf(t, postgres);
      const [deaf, other] = [await open({ listen: false }), await open()];
      const [ear, earOfOther] = [earOf(deaf), earOf(other)];
      const { id, claim } = await drive(deaf);
      await earOfOther.hears("the submit of the deaf", tellsOf(id, "queued"));
      await claim();
      await ear.hears("a resync", isResync);
      ear.forget();
      await ear.hears("another resync", isResync);
    });

    test("listen again when the connection broke, and are told that they may have missed something", async (t) => {
      const { open } = fleetOf(t, postgres);
      const proxy = await openPostgresProxy(t, postgres.url);
      const a = await open({ leaseThread: false });
      const { hears, forget } = earOf(await open({ listenUrl: proxy.url, leaseThread: false }));
      await hears("the first submit", tellsOf((await drive(a)).id, "queued"));
      forget();
      proxy.cut();
      const missed = await drive(a);
      proxy.heal();
      await hears("a resync", isResync);
      // What came before it was said while nobody listened: a resync of those who poll is told every 3 s, this one at once.
      await hears("the next submit", tellsOf((await drive(a)).id, "queued"));
      assert.ok((await recordOf(a, missed.id)).state === "queued");
    });

    test("notice that nothing passes any more, although nobody says so", async (t) => {
      const { open } = fleetOf(t, postgres);
      const proxy = await openPostgresProxy(t, postgres.url);
      const a = await open({ leaseThread: false });
      const { hears, heard } = earOf(await open({ listenUrl: proxy.url, leaseThread: false }));
      proxy.silence();
      await hears("a resync", isResync);
      proxy.heal();
      const submitted = new Set<string>();
      const isSubmit = (notice: Notice) => notice.kind === "changed" && notice.jobs.some(({ id }) => submitted.has(id));
      await waitFor(
        async () => {
          submitted.add((await drive(a)).id);
          return heard(isSubmit);
        },
        { what: "the connection to be opened again", everyMs: 100 },
      );
    });

    test("are heard by one who comes when they had been alone for long", async (t) => {
      const { open } = fleetOf(t, postgres);
      const clock = createFakeClock(Date.now());
      const alone = await open({ leaseThread: false, clock });
      // Nobody was heard for so long that nothing is sent any more.
      clock.advance(20_000);
      await alone.ping();
      const { heard } = earOf(await open({ leaseThread: false }));
      const isSubmit = (notice: Notice) =>
        notice.kind === "changed" && notice.jobs.some(({ state }) => state === "queued");
      await waitFor(
        async () => {
          await drive(alone);
          return heard(isSubmit);
        },
        { what: "the one who came to hear", everyMs: 50 },
      );
    });

    test("say when there is work by the database's clock, whatever the machine's own says", async (t) => {
      const { open } = fleetOf(t, postgres);
      const hourMs = 3_600_000;
      const slow = await open({ leaseThread: false, clock: { ...systemClock, now: () => Date.now() - hourMs } });
      const { hears, forget } = earOf(slow);
      await drive(slow);
      assert.deepEqual(await hears("work", ({ kind }) => kind === "work"), { kind: "work", inMs: 0 });
      forget();
      await drive(slow, { availableAt: Date.now() + hourMs });
      const later = await hears("work", ({ kind }) => kind === "work");
      assert.ok(later.kind === "work" && later.inMs > hourMs / 2 && later.inMs <= hourMs, JSON.stringify(later));
    });

    test("claim at once what another one submits, and stop at once what another one pauses", async (t) => {
      const { open, defer } = fleetOf(t, postgres);
      const [a, b] = [managerOf(await open()), managerOf(await open())];
      await b.start();
      defer(() => b.stop());
      for (let times = 0; times < HEARD_TIMES; times += 1) {
        const { id } = await a.submit({ type: HOLD, input: {} });
        const started = await timed(() => a.waitUntil(id, "running"));
        assert.ok(started < HEARD_MS, `started after ${started} ms`);
        const paused = await timed(async () => {
          await a.pause(id);
          await a.waitUntil(id, "paused");
        });
        assert.ok(paused < HEARD_MS, `paused after ${paused} ms`);
        t.diagnostic(`submit to running ${Math.round(started)} ms, pause to paused ${Math.round(paused)} ms`);
      }
    });
  });

  test("do not wait for one that stands still in a transaction: its locks end with it", async (t) => {
    const options = { url: postgres.url, connections: 2, schema: postgres.schema, standstillMs: SHORT_LEASE_MS };
    const databases = [createDatabase(options), createDatabase(options)] as const;
    t.after(() => Promise.all(databases.map((database) => database.close())));
    const [frozen, waiting] = databases;
    const locked = Promise.withResolvers<void>();
    const thaw = Promise.withResolvers<void>();
    const LOCK = "SELECT pg_advisory_xact_lock(4711)";
    const stale = frozen.transaction(async (transaction) => {
      await transaction.run(LOCK);
      locked.resolve();
      await thaw.promise;
      await transaction.run("SELECT 1");
    });
    await locked.promise;
    await waiting.transaction((transaction) => transaction.run(LOCK));
    thaw.resolve();
    await assert.rejects(stale, withCode("store_unavailable"));
  });

  describe("leases over PostgreSQL", { concurrency: 3 }, () => {
    /** A manager that submits what peers run, and looks after the dead. */
    async function overseer(fleet: Fleet, leaseMs: number) {
      const store = await fleet.open({ leaseMs });
      sweep(fleet, store);
      return { store, manager: managerOf(store) };
    }

    test("are kept by a process whose event loop stands still for longer than a lease", async (t) => {
      const fleet = fleetOf(t, postgres);
      const { store, manager } = await overseer(fleet, SHORT_LEASE_MS);
      await startPeer(fleet, { url: postgres.url, leaseMs: SHORT_LEASE_MS, role: "manager" });
      const { id } = await manager.submit({ type: BLOCK, input: { ms: 1.5 * SHORT_LEASE_MS } });
      await becomes(store, id, "succeeded");
      assert.deepEqual(await kindsOf(store, id), ["submit", "claim", "succeed"]);
    });

    test("are let go by a process whose event loop does not come back", async (t) => {
      const fleet = fleetOf(t, postgres);
      const { store, manager } = await overseer(fleet, SHORT_LEASE_MS);
      const peer = await startPeer(fleet, { url: postgres.url, leaseMs: SHORT_LEASE_MS, role: "manager" });
      const { id } = await manager.submit({ type: BLOCK, input: { ms: 600_000 } });
      await peer.next("started");
      const heldMs = await timed(() => becomes(store, id, "queued"));
      assert.ok(heldMs > 3 * SHORT_LEASE_MS, `let go after ${heldMs} ms`);
      assert.deepEqual(await kindsOf(store, id), ["submit", "claim", "lost"]);
    });

    test("end with the process that held them, long before their time", async (t) => {
      const fleet = fleetOf(t, postgres);
      const { store, manager } = await overseer(fleet, KILLED_LEASE_MS);
      const peer = await startPeer(fleet, { url: postgres.url, leaseMs: KILLED_LEASE_MS, role: "manager" });
      const { id } = await manager.submit({ type: HOLD, input: {} });
      await peer.next("started");
      await isSeen(fleet);
      // Right after a start of the server, nobody's session is missed.
      await waitFor(async () => (await fleet.serverUpMs()) > KILLED_LEASE_MS, {
        what: "the server to have run for long",
      });
      peer.signal("SIGKILL");
      const takenMs = await timed(() => becomes(store, id, "queued"));
      assert.ok(takenMs < (3 * KILLED_LEASE_MS) / 4, `taken after ${takenMs} ms`);
      t.diagnostic(`given back ${Math.round(takenMs)} ms after the kill`);
    });

    test("of a process that was frozen are gone when it comes back: nothing that it writes counts", async (t) => {
      const fleet = fleetOf(t, postgres);
      const { store } = await overseer(fleet, SHORT_LEASE_MS);
      const peer = await startPeer(fleet, { url: postgres.url, leaseMs: SHORT_LEASE_MS, role: "writer" });
      const job = newJob({ type: HOLD });
      await store.jobs.insert([job]);
      await peer.next("wrote", ({ counted }) => counted);
      peer.signal("SIGSTOP");
      await becomes(store, job.id, "queued");
      assert.equal((await claimAnew(store)).token, 2);
      const before = await recordOf(store, job.id);
      peer.signal("SIGCONT");
      await peer.next("wrote", ({ counted }) => !counted);
      assert.equal((await peer.next("settled")).counted, false);
      assert.deepEqual(await recordOf(store, job.id), before);
      assert.deepEqual(await kindsOf(store, job.id), ["submit", "claim", "lost", "claim"]);
    });

    test("are known to be lost by a process that cannot reach the database: it writes nothing from then on", async (t) => {
      const { open } = fleetOf(t, postgres);
      const proxy = await openPostgresProxy(t, postgres.url);
      const apart = await open({ url: proxy.url, leaseMs: SHORT_LEASE_MS });
      const driver = await drive(apart);
      await driver.claim();
      const checkpoint = (seq: number) =>
        apart.jobs.checkpoint([{ ...driver.lease(), seq, cursor: null, progress: PROGRESS }]);
      assert.deepEqual(await checkpoint(1), [true]);
      proxy.silence();
      const knownMs = await timed(async () => assert.equal((await apart.leases.renew(driver.workerId)).alive, false));
      assert.ok(knownMs < 10 * SHORT_LEASE_MS, `known after ${knownMs} ms`);
      proxy.heal();
      // The database would still take it: nobody has looked after the dead.
      assert.deepEqual(await checkpoint(2), [false]);
      assert.equal(await driver.settle("succeed"), null);
      const { kind } = await apart.jobs.claim({ workerId: driver.workerId, types: claimable("noop"), limit: 1 });
      assert.equal(kind, "worker_dead");
      const record = await recordOf(await open(), driver.id);
      assert.deepEqual([record.state, record.checkpoint.seq], ["running", 1]);
    });

    test("of a process whose session broke go on, since it says that it lives", async (t) => {
      const fleet = fleetOf(t, postgres);
      const proxy = await openPostgresProxy(t, postgres.url);
      await overseer(fleet, LONG_LEASE_MS);
      const apart = await fleet.open({ listenUrl: proxy.url, leaseMs: LONG_LEASE_MS });
      const driver = await drive(apart);
      await driver.claim();
      await isSeen(fleet);
      proxy.cut();
      await sleep(4_000);
      assert.equal((await driver.record()).state, "running");
      proxy.heal();
      await isSeen(fleet);
      assert.equal((await apart.leases.renew(driver.workerId)).alive, true);
    });

    test("outlast a restart of the server, although it ends all sessions", {
      skip: missingServer() ?? false,
    }, async (t) => {
      const server = await startPostgresServer();
      const fleet = fleetOf(t, { url: server.url, schema: "pawl" });
      t.after(() => server.stop());
      const proxy = await openPostgresProxy(t, server.url);
      const apart = await fleet.open({ url: proxy.url, leaseMs: LONG_LEASE_MS });
      const { store } = await overseer(fleet, LONG_LEASE_MS);
      const driver = await drive(apart);
      await driver.claim();
      await isSeen(fleet);
      proxy.cut();
      await server.restart();
      // Longer than it takes to tell that a session is gone.
      await sleep(4_000);
      await store.ping();
      assert.equal((await recordOf(store, driver.id)).state, "running");
      proxy.heal();
      await waitFor(async () => (await apart.leases.renew(driver.workerId).catch(() => null))?.alive, {
        what: "a renewal",
      });
      assert.equal((await driver.settle("succeed"))?.state, "succeeded");
    });

    test("count by their time alone where a pooler stands in between, and that is said", async (t) => {
      const fleet = fleetOf(t, postgres);
      const proxy = await openPostgresProxy(t, postgres.url);
      proxy.poseAsPooler();
      const warnings: string[] = [];
      const ignore = () => {};
      const warn = (_: object, message: string) => void warnings.push(message);
      const logger = { debug: ignore, info: ignore, warn, error: warn };
      const store = await fleet.open({ listenUrl: proxy.url, logger });
      assert.ok(
        warnings.some((message) => message.includes("pooler")),
        warnings.join(),
      );
      await registerWorker(store);
      // The thread's first renewal would have brought its session.
      await waitFor(async () => (await fleet.workers()).renewed === 1, { what: "the thread to renew" });
      assert.equal((await fleet.workers()).inSession, 0);
    });
  });
});
