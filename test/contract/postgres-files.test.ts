// Files in PostgreSQL: the contract of file stores, and what only several processes can do to one file.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import type pg from "pg";
import { createManager } from "../../src/engine/create-manager.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import type { FileStore } from "../../src/ports/file-store.ts";
import { createPostgresStore, type PostgresStoreOptions } from "../../src/stores/postgres/index.ts";
import { fileStoreContract } from "../../src/testing/file-store-contract.ts";
import { testPostgres } from "../support/postgres.ts";
import { openPostgresProxy } from "../support/postgres-proxy.ts";
import { waitFor } from "../support/wait-for.ts";

const postgres = await testPostgres();
const { skip, url, schema } = postgres;

/** Nobody listens, nobody works. */
const open = (changes: Partial<PostgresStoreOptions> = {}) =>
  createPostgresStore({
    url,
    schema,
    connections: 2,
    listen: false,
    leaseThread: false,
    clock: systemClock,
    ...changes,
  });

if (skip === false) {
  fileStoreContract("files in PostgreSQL", async () => {
    const store = await open();
    const ids = async () => {
      const found: string[] = [];
      for await (const { id } of store.fileStore.list()) found.push(id);
      return found;
    };
    await store.fileStore.remove(await ids());
    // A chunk without its file cannot be: the database refuses it.
    return { files: store.fileStore, leftovers: ids, dispose: () => store.close() };
  });
}

/** Stores of processes that share the files. */
async function openTwo(t: TestContext): Promise<readonly [FileStore, FileStore]> {
  const [one, two] = [await open(), await open()];
  t.after(() => Promise.all([one.close(), two.close()]));
  return [one.fileStore, two.fileStore];
}

async function bytesOf(files: FileStore, id: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of files.read(id)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const textOf = async (files: FileStore, id: string) => (await bytesOf(files, id)).toString();

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function* bytesFrom(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

const TAKEN = { code: "changed_meanwhile" };

describe("files in PostgreSQL, written by several processes", { skip }, () => {
  it("an attempt of before writes nothing more once the next one has opened the file", async (t) => {
    const [stale, fresh] = await openTwo(t);
    // Where the next one goes on, with or without a cut.
    for (const size of [5, 10]) {
      const id = stale.newId();
      const before = await stale.append(id, 0, 1);
      await before.write("kept, lost");
      await before.sync();
      const after = await fresh.append(id, size, 2);
      await before.write("never");
      await assert.rejects(before.sync(), TAKEN);
      await assert.rejects(before.finish(), TAKEN);
      await after.write(" and goes on");
      await after.sync();
      await assert.rejects(before.sync(), TAKEN);
      await before.close();
      const text = `${"kept, lost".slice(0, size)} and goes on`;
      assert.deepEqual(await after.finish(), { id, size: text.length, sha256: sha256(Buffer.from(text)) });
      assert.equal(await textOf(fresh, id), text);
    }
  });

  it("an attempt of before cannot open the file again, finished or not", async (t) => {
    const [stale, fresh] = await openTwo(t);
    const id = stale.newId();
    await (await stale.append(id, 0, 1)).close();
    const after = await fresh.append(id, 0, 2);
    await after.write("mine");
    await after.sync();
    for (const size of [0, 2]) await assert.rejects(stale.append(id, size, 1), TAKEN);
    await after.finish();
    for (const size of [0, 4]) await assert.rejects(stale.append(id, size, 1), TAKEN);
    assert.equal(await textOf(stale, id), "mine");
  });

  it("of two that open it with the same token, the later one has it", async (t) => {
    const [one, two] = await openTwo(t);
    const id = one.newId();
    const first = await one.append(id, 0, 1);
    await first.write("first");
    const second = await two.append(id, 0, 1);
    await assert.rejects(first.sync(), TAKEN);
    await second.write("second");
    await second.finish();
    assert.equal(await textOf(one, id), "second");
  });

  it("whatever a stale writer does in the moment of the change, the file is the newer one's", async (t) => {
    const [stale, fresh] = await openTwo(t);
    const id = stale.newId();
    const kept = randomBytes(300_000);
    for (let token = 1; token <= 20; token += 2) {
      const before = await stale.append(id, 0, token);
      await before.write(kept);
      await before.sync();
      const writing = (async () => {
        for (;;) {
          await before.write(Buffer.alloc(1 + (token % 7) * 50_000, "x"));
          await before.sync();
        }
      })();
      const refused = assert.rejects(writing, TAKEN);
      const after = await fresh.append(id, kept.length, token + 1);
      const added = randomBytes(token * 10_000);
      await after.write(added);
      const { size, sha256: digest } = await after.finish();
      await refused;
      const expected = Buffer.concat([kept, added]);
      assert.deepEqual([size, digest], [expected.length, sha256(expected)]);
      assert.ok((await bytesOf(stale, id)).equals(expected));
    }
  });

  it("a file that was deleted is not_found for whoever still writes it, and nothing of it comes back", async (t) => {
    const [stale, fresh] = await openTwo(t);
    const id = stale.newId();
    const appender = await stale.append(id, 0, 1);
    await appender.write("x");
    await appender.sync();
    await fresh.remove([id]);
    await appender.write("y");
    await assert.rejects(appender.sync(), { code: "not_found" });
    await assert.rejects(stale.append(id, 1, 1), { code: "not_found" });
    for await (const file of fresh.list()) assert.notEqual(file.id, id);
  });

  it("an upload that has not ended cannot be read", async (t) => {
    const [one, two] = await openTwo(t);
    const seen: string[] = [];
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(300_000);
      for await (const { id } of two.list()) {
        await assert.rejects(textOf(two, id), { code: "not_found" });
        await assert.rejects(two.append(id, 5, 9), { code: "not_found" });
        seen.push(id);
      }
    }
    for await (const { id } of two.list()) await two.remove([id]);
    const { id } = await one.create(slow(), { maxBytes: 1_000_000 });
    assert.deepEqual(seen, [id]);
    assert.equal((await bytesOf(two, id)).length, 300_000);
  });

  it("a large file is deleted piece by piece, and is gone from the first piece on", async (t) => {
    const [files, other] = await openTwo(t);
    const pool = postgres.poolFor(t);
    const id = files.newId();
    await pool.query("INSERT INTO file_bodies VALUES ($1, 1, 1, 1300 * 1024, true, 0)", [id]);
    await pool.query(
      "INSERT INTO file_chunks SELECT $1, n * 1024, decode(repeat('ab', 1024), 'hex') FROM generate_series(0, 1299) n",
      [id],
    );
    assert.equal((await bytesOf(files, id)).length, 1300 * 1024);
    const locker = await lockRow(
      pool,
      "SELECT FROM file_chunks WHERE file = $1 AND start = 1299 * 1024 FOR UPDATE",
      id,
    );
    const removing = files.remove([id]);
    await locker.untilWaitedFor();
    await assert.rejects(textOf(other, id), { code: "not_found" });
    await locker.release();
    await removing;
    const { rows } = await pool.query("SELECT FROM file_chunks WHERE file = $1", [id]);
    assert.equal(rows.length, 0);
  });
});

const WAITING = `
  WITH RECURSIVE behind AS (
    SELECT $1::integer AS pid
    UNION SELECT other.pid FROM pg_stat_activity AS other JOIN behind ON behind.pid = ANY (pg_blocking_pids(other.pid))
  ) SELECT count(*)::integer - 1 AS count FROM behind`;

interface RowLock {
  /** Resolves when a statement waits for the row, or more of them. */
  untilWaitedFor(statements?: number): Promise<void>;
  release(): Promise<void>;
}

async function lockRow(pool: pg.Pool, statement: string, id: string): Promise<RowLock> {
  const client = await pool.connect();
  await client.query("BEGIN");
  await client.query(statement, [id]);
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const pid = rows[0]?.pid;
  // Who waits behind another one that waits, waits for that one.
  const waiting = async () => (await pool.query<{ count: number }>(WAITING, [pid])).rows[0]?.count ?? 0;
  return {
    async untilWaitedFor(statements = 1) {
      await waitFor(async () => (await waiting()) >= statements, { what: "statements that wait for the row" });
    },
    async release() {
      await client.query("COMMIT");
      client.release();
    },
  };
}

describe("files in PostgreSQL, and the connections", { skip }, () => {
  it("an upload that waits for its sender holds neither a connection nor a transaction", async (t) => {
    const watched = new URL(url);
    watched.searchParams.set("application_name", `slow upload ${schema}`);
    const store = await open({ url: watched.href });
    t.after(() => store.close());
    const pool = postgres.poolFor(t);
    const states = async () => {
      const sessions = "SELECT state FROM pg_stat_activity WHERE application_name = $1";
      const { rows } = await pool.query<{ state: string }>(sessions, [`slow upload ${schema}`.slice(0, 63)]);
      return rows.map((row) => row.state);
    };
    async function* slow(): AsyncGenerator<Uint8Array> {
      for (let piece = 0; piece < 3; piece += 1) {
        yield Buffer.alloc(300_000);
        const now = await states();
        assert.ok(now.length > 0 && now.every((state) => state === "idle"), now.join());
        await Promise.all([store.ping(), store.ping()]);
      }
    }
    await store.fileStore.create(slow(), { maxBytes: 1_000_000 });
  });

  it("two connections are enough for many uploads, downloads and artifacts beside jobs", async (t) => {
    const store = await open();
    t.after(() => store.close());
    const files = store.fileStore;
    const bytes = randomBytes(700_000);
    const roundTrip = async () => {
      const { id } = await files.create(bytesFrom(bytes), { maxBytes: 700_000 });
      assert.ok((await bytesOf(files, id)).equals(bytes));
      const appender = await files.append(files.newId(), 0, 1);
      await appender.write(bytes);
      const artifact = await appender.finish();
      assert.equal(artifact.sha256, sha256(bytes));
      await files.remove([id, artifact.id]);
    };
    const asking = async () => {
      for (let round = 0; round < 20; round += 1) await store.jobs.list({ order: "newest", limit: 10, after: null });
    };
    await Promise.all([...Array.from({ length: 8 }, roundTrip), asking(), asking()]);
  });

  it("what a process that died left half-written is in the list, and the sweep of another one deletes it", async (t) => {
    const [dead, alive] = [await open(), await open()];
    t.after(() => alive.close());
    const halfway = Promise.withResolvers<void>();
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(300_000);
      halfway.resolve();
      await new Promise(() => {});
    }
    const manager = createManager({ store: dead, fileStore: dead.fileStore, jobs: [] });
    const file = { name: "a", mediaType: "text/plain", maxBytes: 1_000_000 };
    const whole = await manager.files.upload(bytesFrom(Buffer.from("whole")), file);
    void manager.files.upload(endless(), file);
    await halfway.promise;
    await dead.close();
    const listed = async () => {
      const ids: string[] = [];
      for await (const { id } of alive.fileStore.list()) ids.push(id);
      return ids;
    };
    assert.ok((await listed()).length >= 2);
    const later = { ...alive, now: () => alive.now() + 2 * 3_600_000 };
    const sweeper = createManager({ store: later, fileStore: alive.fileStore, jobs: [] });
    await sweeper.start();
    await waitFor(async () => (await listed()).length === 1, { what: "the sweep" });
    await sweeper.stop();
    assert.deepEqual(await listed(), [whole.id]);
    assert.equal(await textOf(alive.fileStore, whole.id), "whole");
  });
});

describe("files in PostgreSQL, when the database is full or away", { skip }, () => {
  it("a full disk is storage_full, and leaves nothing behind", async (t) => {
    const [files] = await openTwo(t);
    const pool = postgres.poolFor(t);
    const appender = await files.append(files.newId(), 0, 1);
    await pool.query(`
      CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
      CREATE TRIGGER no_space BEFORE INSERT ON file_chunks FOR EACH ROW EXECUTE FUNCTION no_space()`);
    try {
      for await (const { id } of files.list()) await files.remove([id]);
      await assert.rejects(files.create(bytesFrom(Buffer.alloc(600_000)), { maxBytes: 600_000 }), {
        code: "storage_full",
      });
      for await (const { id } of files.list()) assert.fail(`${id} is left`);
    } finally {
      await pool.query("DROP FUNCTION no_space CASCADE");
    }
    await appender.close();
  });

  it("what an appender was given while the connection broke is written once, in order, whatever became of it", async (t) => {
    const proxy = await openPostgresProxy(t, url);
    const store = await open({ url: proxy.url });
    t.after(() => store.close());
    const files = store.fileStore;
    const pool = postgres.poolFor(t);
    const expected: Buffer[] = [];
    const id = files.newId();
    const appender = await files.append(id, 0, 1);
    for (let round = 0; round < 6; round += 1) {
      const locker = await lockRow(pool, "SELECT FROM file_bodies WHERE id = $1 FOR UPDATE", id);
      const [before, after] = [randomBytes(1_000), randomBytes(round * 120_000)];
      expected.push(before, after);
      await appender.write(before);
      const broken = assert.rejects(appender.sync(), { code: "store_unavailable" });
      await locker.untilWaitedFor();
      proxy.cut();
      await broken;
      proxy.heal();
      // The first try is still under way in the server, and takes place before or after the second.
      const added = appender.write(after);
      const again = round % 2 === 0 ? Promise.all([added, appender.sync()]) : null;
      if (again) await locker.untilWaitedFor(2);
      await locker.release();
      await (again ?? Promise.all([added, appender.sync()]));
    }
    const { size, sha256: digest } = await appender.finish();
    const all = Buffer.concat(expected);
    assert.deepEqual([size, digest], [all.length, sha256(all)]);
    assert.ok((await bytesOf(files, id)).equals(all));
  });

  it("an upload that the connection breaks in is refused, and what is left of it is not seen", async (t) => {
    const proxy = await openPostgresProxy(t, url);
    const store = await open({ url: proxy.url });
    t.after(() => store.close());
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(300_000);
      proxy.cut();
      yield Buffer.alloc(300_000);
    }
    await assert.rejects(store.fileStore.create(cut(), { maxBytes: 1_000_000 }), { code: "store_unavailable" });
  });
});
