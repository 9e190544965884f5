// The store contract on SQLite, in memory and on disk, and what only SQLite promises: one owning process, every commit
// synced, and a database that outlives whoever is killed.
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { PawlError } from "../../src/domain/errors.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import type { Store } from "../../src/ports/store.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { MIGRATIONS, migrate } from "../../src/stores/sqlite/migrate.ts";
import { openDatabase } from "../../src/stores/sqlite/open.ts";
import { claimable, drive, newJob, registerWorker } from "../../src/testing/contract/store-driver.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { storeContract } from "../../src/testing/store-contract.ts";

const START = Date.parse("2026-01-01T00:00:00Z");

async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "pawl-contract-"));
}

const cleanups = new WeakMap<TestContext, (() => unknown)[]>();

/** Undoes what a test set up, the last thing first. */
function afterwards(t: TestContext, undo: () => unknown): void {
  const known = cleanups.get(t);
  if (known) {
    known.push(undo);
    return;
  }
  const undos = [undo];
  cleanups.set(t, undos);
  t.after(async () => {
    for (const next of undos.toReversed()) await next();
  });
}

async function folderFor(t: TestContext): Promise<string> {
  const directory = await temporaryFolder();
  afterwards(t, () => rm(directory, { recursive: true, force: true }));
  return directory;
}

storeContract("SQLite in memory", async () => {
  const clock = createFakeClock(START);
  const store = await createSqliteStore({ path: ":memory:", clock });
  return { store, advance: clock.advance, dispose: () => store.close() };
});

storeContract("SQLite on disk", async () => {
  const directory = await temporaryFolder();
  const clock = createFakeClock(START);
  const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock });
  return {
    store,
    advance: clock.advance,
    async dispose() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});

async function openIn(t: TestContext, path: string, clock = systemClock): Promise<Store> {
  const store = await createSqliteStore({ path, clock });
  afterwards(t, () => store.close());
  return store;
}

const failsWith = (code: string, message: RegExp) => (error: unknown) => {
  ok(error instanceof PawlError, String(error));
  equal(error.code, code);
  match(error.message, message);
  return true;
};

const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

/** A process that opens the store and prints a line; `work` may go on from there. */
function startProcess(
  t: TestContext,
  path: string,
  work = "",
): ChildProcess & { lines: AsyncIterableIterator<string> } {
  const program = `
    import { createSqliteStore } from ${url("../../src/stores/sqlite/index.ts")};
    import { systemClock } from ${url("../../src/engine/system-clock.ts")};
    import { newId, newJob } from ${url("../../src/testing/contract/store-driver.ts")};
    try {
      const store = await createSqliteStore({ path: ${JSON.stringify(path)}, clock: systemClock });
      console.log("open");
      ${work}
    } catch (error) {
      console.log(error.code + " " + error.message);
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["pipe", "pipe", "inherit"] });
  afterwards(t, () => child.kill("SIGKILL"));
  return Object.assign(child, { lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() });
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

describe("SQLite, one owner", () => {
  it("a second process is told who the first is, and gets the store the moment that one is killed", async (t) => {
    const path = join(await folderFor(t), "pawl.db");
    const first = startProcess(t, path);
    equal((await first.lines.next()).value, "open");
    const refused = failsWith(
      "store_owned",
      new RegExp(`owned by process ${first.pid} on .+, since .+Stop that process`),
    );
    await rejects(createSqliteStore({ path, clock: systemClock }), refused);
    await kill(first);
    const store = await openIn(t, path);
    await store.ping();
  });

  it("of several that start at once exactly one wins", async (t) => {
    const path = join(await folderFor(t), "pawl.db");
    const children = Array.from({ length: 4 }, () => startProcess(t, path));
    const lines = await Promise.all(children.map(async (child) => String((await child.lines.next()).value)));
    equal(lines.filter((line) => line === "open").length, 1);
    equal(lines.filter((line) => line.startsWith("store_owned ")).length, 3);
  });

  it("a store that is open in this process is not opened twice, under no name", async (t) => {
    const directory = await folderFor(t);
    const path = join(directory, "pawl.db");
    const store = await createSqliteStore({ path, clock: systemClock });
    await rejects(createSqliteStore({ path: join(directory, ".", "pawl.db"), clock: systemClock }), {
      code: "store_owned",
    });
    await store.close();
    await openIn(t, path);
  });

  it("a clean close leaves the database and its lock, and no log to recover", async (t) => {
    const directory = await folderFor(t);
    const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
    await store.jobs.insert([newJob()]);
    await store.close();
    deepEqual((await readdir(directory)).sort(), ["pawl.db", "pawl.db.lock"]);
  });
});

describe("SQLite, after a kill", () => {
  it("everything that was acknowledged is there, and jobs of the dead process go on", async (t) => {
    const path = join(await folderFor(t), "pawl.db");
    const work = `
      const workerId = newId();
      await store.leases.register({ id: workerId, host: "here", pid: process.pid, concurrency: 1, queues: null });
      for (;;) {
        const jobs = Array.from({ length: 20 }, () => newJob());
        await Promise.all(jobs.map((job) => store.jobs.insert([job])));
        const claimed = await store.jobs.claim({ workerId, types: [{ name: "noop", concurrency: null, perKey: null }], limit: 1 });
        console.log(JSON.stringify({ ids: jobs.map((job) => job.id), held: claimed.jobs[0].id }));
      }`;
    const child = startProcess(t, path, work);
    const acknowledged: string[] = [];
    const held: string[] = [];
    for await (const line of child.lines) {
      if (line === "open") continue;
      const said: { ids: string[]; held: string } = JSON.parse(line);
      acknowledged.push(...said.ids);
      held.push(said.held);
      if (acknowledged.length >= 2_000) break;
    }
    await kill(child);
    const store = await openIn(t, path);
    equal((await store.jobs.get(acknowledged)).length, acknowledged.length);
    ok((await store.leases.reap({ crashLimit: 5 })) >= held.length);
    const records = await store.jobs.get(held);
    ok(records.every((job) => job.state === "queued" && job.crashCount === 1 && job.workerId === null));
    const full = newJob({ queueLimit: acknowledged.length });
    deepEqual(await store.jobs.insert([full]), [{ kind: "queue_full" }]);
  });

  it("a clean reopen counts the leases of before as expired, and those jobs only", async (t) => {
    const path = join(await folderFor(t), "pawl.db");
    const clock = createFakeClock(START);
    const before = await createSqliteStore({ path, clock });
    const driver = await drive(before);
    await driver.claim();
    await before.close();
    const store = await openIn(t, path, clock);
    const workerId = await registerWorker(store);
    await store.jobs.insert([newJob()]);
    await store.jobs.claim({ workerId, types: [{ name: "noop", concurrency: null, perKey: null }], limit: 1 });
    equal((await store.leases.renew(driver.workerId)).alive, false);
    equal(await store.leases.reap({ crashLimit: 5 }), 1);
  });

  it("setting the machine's clock neither ends nor prolongs a lease", async (t) => {
    const clock = createFakeClock(START);
    const store = await openIn(t, ":memory:", clock);
    const workerId = await registerWorker(store);
    clock.setNow(START + 86_400_000);
    equal((await store.leases.renew(workerId)).alive, true);
    clock.setNow(START - 86_400_000);
    clock.advance(store.leaseMs + 1);
    equal((await store.leases.renew(workerId)).alive, false);
  });
});

describe("SQLite, limits over restarts and clocks that are set", () => {
  const RATE = { max: 2, perMs: 60_000 };

  async function claimAll(store: Store) {
    const workerId = await registerWorker(store);
    const { jobs, nextInMs } = await store.jobs.claim({ workerId, types: claimable("noop"), limit: 10 });
    return [jobs.length, nextInMs];
  }

  it("a restart forgets neither the starts that a rate limit counts, nor a pause", async (t) => {
    const path = join(await folderFor(t), "pawl.db");
    const before = await createSqliteStore({ path, clock: createFakeClock(START) });
    await before.queues.setQueue({ name: "slow", rateLimit: RATE });
    await before.queues.setQueue({ name: "stopped", paused: { actor: "ann", reason: null } });
    await before.jobs.insert([newJob({ queue: "slow" }), newJob({ queue: "slow" }), newJob({ queue: "slow" })]);
    await before.jobs.insert([newJob({ queue: "stopped" })]);
    deepEqual(await claimAll(before), [2, 60_000]);
    await before.close();
    const clock = createFakeClock(START + 10_000);
    const store = await openIn(t, path, clock);
    deepEqual(await claimAll(store), [0, 50_000]);
    clock.advance(50_000);
    deepEqual(await claimAll(store), [1, null]);
  });

  it("setting the clock keeps a rate-limited queue waiting for two windows at most", async (t) => {
    const path = join(await folderFor(t), "pawl.db");
    const clock = createFakeClock(START);
    const before = await openIn(t, path, clock);
    await before.queues.setQueue({ name: "slow", rateLimit: RATE });
    await before.jobs.insert(Array.from({ length: 20 }, () => newJob({ queue: "slow" })));
    deepEqual(await claimAll(before), [2, 60_000]);
    for (const now of [START - 86_400_000, START - 86_400_000 + 30_000, START + 86_400_000, START + 86_399_000]) {
      clock.setNow(now);
      let waitedMs = 0;
      for (
        let [started, nextInMs] = await claimAll(before);
        started === 0;
        [started, nextInMs] = await claimAll(before)
      ) {
        ok(typeof nextInMs === "number" && nextInMs > 0);
        clock.advance(nextInMs);
        waitedMs += nextInMs;
      }
      ok(waitedMs >= RATE.perMs && waitedMs <= 2 * RATE.perMs);
    }
    await before.close();
    const store = await openIn(t, path, createFakeClock(START - 172_800_000));
    deepEqual(await claimAll(store), [0, 60_000]);
  });

  it("setting the clock back does not keep jobs waiting that could be claimed", async (t) => {
    const clock = createFakeClock(START);
    const store = await openIn(t, ":memory:", clock);
    const driver = await drive(store, { type: "noop" });
    await driver.claim();
    await store.jobs.insert([newJob(), newJob({ availableAt: START + 1_000 })]);
    clock.setNow(START - 86_400_000);
    await driver.settle("halt");
    deepEqual(await claimAll(store), [2, 86_401_000]);
  });
});

describe("SQLite, one transaction for many", () => {
  it("a call that cannot be stored fails alone, and the others of its transaction are stored", async (t) => {
    const store = await openIn(t, ":memory:");
    const jobs = Array.from({ length: 30 }, (_, index) => newJob({ priority: index % 10 === 5 ? 0.5 : 0 }));
    const results = await Promise.allSettled(jobs.map((job) => store.jobs.insert([job])));
    const failed = results.flatMap((result, index) => (result.status === "rejected" ? [index] : []));
    deepEqual(failed, [5, 15, 25]);
    equal((await store.jobs.get(jobs.map((job) => job.id))).length, 27);
    const limit = { queueLimit: 28 };
    const more = await store.jobs.insert([newJob(limit), newJob(limit)]);
    deepEqual(
      more.map((result) => result.kind),
      ["inserted", "queue_full"],
    );
  });

  it("a claim in a transaction that fails takes in the next what it would have taken", async (t) => {
    const clock = createFakeClock(START);
    const store = await openIn(t, ":memory:", clock);
    const workerId = await registerWorker(store);
    const claim = () => store.jobs.claim({ workerId, types: claimable("noop"), limit: 10 });
    await store.queues.setQueue({ name: "slow", rateLimit: { max: 2, perMs: 1_000 } });
    await store.jobs.insert([...Array.from({ length: 4 }, () => newJob({ queue: "slow" })), newJob()]);
    const [first, failed] = await Promise.allSettled([claim(), store.jobs.insert([newJob({ priority: 0.5 })])]);
    equal(failed.status, "rejected");
    equal(first.status === "fulfilled" && first.value.jobs.length, 3);
    deepEqual((await claim()).jobs, []);
    clock.advance(1_000);
    const [paused, again] = await Promise.allSettled([
      store.queues.setQueue({ name: "slow", paused: { actor: "ann", reason: null } }),
      store.jobs.insert([newJob({ priority: 0.5 })]),
    ]);
    deepEqual([paused.status, again.status], ["fulfilled", "rejected"]);
    deepEqual((await claim()).jobs, []);
    await store.queues.setQueue({ name: "slow", paused: null });
    equal((await claim()).jobs.length, 2);
  });

  it("a settlement without a reason for its failure is refused before it is sent", async (t) => {
    const store = await openIn(t, ":memory:");
    const driver = await drive(store);
    await driver.claim();
    await rejects(store.jobs.settle([{ ...driver.lease(), event: "fail" }]), { code: "invalid_request" });
    equal((await driver.record()).state, "running");
  });
});

describe("SQLite, opening", () => {
  it("creates the folder and the file for this user only", async (t) => {
    const directory = join(await folderFor(t), "new", "folder");
    await openIn(t, join(directory, "pawl.db"));
    const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
    equal(await modeOf(directory), 0o700);
    equal(await modeOf(join(directory, "pawl.db")), 0o600);
    equal(await modeOf(join(directory, "pawl.db.lock")), 0o600);
    equal(await modeOf(join(directory, "pawl.db-wal")), 0o600);
  });

  it("refuses a file that is no database, the database of another program, and one of a newer version", async (t) => {
    const directory = await folderFor(t);
    const refused = async (name: string, message: RegExp) => {
      const opening = createSqliteStore({ path: join(directory, name), clock: systemClock });
      await rejects(opening, failsWith("store_unavailable", message));
    };
    await writeFile(
      join(directory, "text.db"),
      "not a database at all, but long enough to have a header of its own, so it is".repeat(20),
    );
    await refused("text.db", /text\.db" cannot be opened: .*not a SQLite database/);
    const other = new DatabaseSync(join(directory, "other.db"));
    other.exec("CREATE TABLE t (a)");
    other.close();
    await refused("other.db", /database of another program/);
    await (await createSqliteStore({ path: join(directory, "newer.db"), clock: systemClock })).close();
    const newer = new DatabaseSync(join(directory, "newer.db"));
    newer.exec("PRAGMA user_version = 99");
    newer.close();
    await refused("newer.db", /version 99, and this program knows versions up to \d+\. Start the newer program again/);
  });

  it("says what is wrong with a folder that cannot be used", async (t) => {
    const directory = await folderFor(t);
    await writeFile(join(directory, "file"), "");
    const opening = createSqliteStore({ path: join(directory, "file", "pawl.db"), clock: systemClock });
    await rejects(opening, failsWith("store_unavailable", /The folder of the database .+ cannot be used/));
    await mkdir(join(directory, "folder.db"));
    await rejects(createSqliteStore({ path: join(directory, "folder.db"), clock: systemClock }), {
      code: "store_unavailable",
    });
  });

  it("says that a folder cannot be written to", async (t) => {
    if (process.getuid?.() === 0) return t.skip("root writes everywhere");
    const directory = await folderFor(t);
    await chmod(directory, 0o500);
    const opening = createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
    await rejects(opening, failsWith("store_unavailable", /cannot be created/));
  });

  it("syncs every commit", async (t) => {
    const db = openDatabase({ path: join(await folderFor(t), "pawl.db"), role: "writer" });
    afterwards(t, () => db.close());
    equal(db.prepare("PRAGMA journal_mode").get()?.journal_mode, "wal");
    equal(db.prepare("PRAGMA synchronous").get()?.synchronous, 2);
  });

  it("a migration that fails in the middle leaves nothing, and can be repeated", () => {
    const db = new DatabaseSync(":memory:");
    migrate(db, "a.db");
    const broken = [...MIGRATIONS, "CREATE TABLE half (a); CREATE TABLE half (a);"];
    const version = () => db.prepare("PRAGMA user_version").get()?.user_version;
    for (let round = 0; round < 2; round += 1) {
      let failed = false;
      try {
        migrate(db, "a.db", broken);
      } catch {
        failed = true;
      }
      deepEqual([failed, version()], [true, MIGRATIONS.length]);
    }
    migrate(db, "a.db", [...MIGRATIONS, "CREATE TABLE half (a);"]);
    equal(version(), MIGRATIONS.length + 1);
    db.close();
  });
});

/** A small disk of its own, or `null` where this user may not have one. */
function smallDisk(t: TestContext, directory: string): string | null {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", directory], { stdio: "ignore" });
  } catch {
    return null;
  }
  afterwards(t, () => execFileSync("umount", [directory]));
  return directory;
}

describe("SQLite, a full disk", () => {
  it("refuses what does not fit, goes on reading, and goes on writing when there is space again", async (t) => {
    const disk = smallDisk(t, await folderFor(t));
    if (disk === null) return t.skip("needs the right to mount");
    const store = await openIn(t, join(disk, "pawl.db"));
    const small = newJob();
    await store.jobs.insert([small]);
    await writeFile(join(disk, "ballast"), new Uint8Array(1_000_000));
    const large = () => newJob({ input: "x".repeat(400_000) });
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => store.jobs.insert([large()])));
    const codes = results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
    ok(codes.length > 0);
    ok(codes.every((code) => code === "storage_full"));
    equal((await store.jobs.get([small.id])).length, 1);
    await rm(join(disk, "ballast"));
    const again = newJob({ input: "y".repeat(100_000) });
    await store.jobs.insert([again]);
    equal((await store.jobs.get([again.id])).length, 1);
  });
});
