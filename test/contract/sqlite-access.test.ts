// Tokens and the audit beside the process that owns the database, and what only SQLite promises of them.
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { PawlError } from "../../src/domain/errors.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import type { AuditWrite, Store, TokenStore } from "../../src/ports/store.ts";
import { openSqliteAccess, type SqliteAccess } from "../../src/stores/sqlite/guest.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { MIGRATIONS, migrate } from "../../src/stores/sqlite/migrate.ts";
import { openDatabase } from "../../src/stores/sqlite/open.ts";
import { drive } from "../../src/testing/contract/store-driver.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";

const START = Date.parse("2026-01-01T00:00:00Z");

async function folderFor(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "pawl-guest-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A store that is owned by this process, and a guest beside it. */
async function openBoth(t: TestContext): Promise<{ path: string; store: Store; guest: SqliteAccess }> {
  const path = join(await folderFor(t), "pawl.db");
  const store = await createSqliteStore({ path, clock: systemClock });
  const guest = await openSqliteAccess({ path, clock: systemClock });
  t.after(() => Promise.all([store.close(), guest.close()]));
  return { path, store, guest };
}

let made = 0;

async function insert(tokens: TokenStore, name: string) {
  made += 1;
  const id = made.toString(16).padStart(12, "0");
  const token = { id, name, scope: "read", digest: "00", createdBy: "tester", expiresInMs: null } as const;
  const result = await tokens.insertToken(token);
  return result.kind === "inserted" ? result.token : result.kind;
}

const entry = (reason: string): AuditWrite => ({
  actor: "ada",
  tokenId: null,
  address: null,
  action: "tokens create",
  target: null,
  outcome: "done",
  code: null,
  reason,
  count: 1,
});

const WHOLE = { filter: {}, before: null, limit: 1_000 };

const isRefused = (message: RegExp) => (error: unknown) => {
  ok(error instanceof PawlError, String(error));
  equal(error.code, "store_unavailable");
  match(error.message, message);
  return true;
};

test("the owner sees at once what a guest makes, revokes and records, and the guest what the owner does", async (t) => {
  const { store, guest } = await openBoth(t);
  const token = await insert(guest.tokens, "ada");
  ok(typeof token === "object");
  equal(await store.tokens.hasTokens(), true);
  deepEqual(await store.tokens.findToken(token.id), token);
  deepEqual(await store.tokens.tokens(), [token]);
  equal(await insert(store.tokens, "ada"), "name_taken");
  await store.sessions.insertSession({ digest: "s", tokenId: token.id, keepMs: 60_000 });
  const revoked = await guest.tokens.revokeToken(token.id, "bob");
  equal(revoked?.validForMs, 0);
  deepEqual(await store.tokens.findToken(token.id), revoked);
  equal(await store.sessions.findSession("s"), null);
  ok(typeof (await insert(store.tokens, "ada")) === "object");
  deepEqual((await guest.tokens.tokens()).length, 2);
  await guest.audit.appendAudit([entry("guest")]);
  await store.audit.appendAudit([entry("owner")]);
  for (const side of [store, guest]) {
    deepEqual(
      (await side.audit.audit(WHOLE)).map(({ reason }) => reason),
      ["owner", "guest"],
    );
  }
});

test("two processes write at the same time, and none is refused", async (t) => {
  const WRITES = 200;
  const { path, store } = await openBoth(t);
  const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const program = `
    import { openSqliteAccess } from ${url("../../src/stores/sqlite/guest.ts")};
    import { systemClock } from ${url("../../src/engine/system-clock.ts")};
    const guest = await openSqliteAccess({ path: ${JSON.stringify(path)}, clock: systemClock });
    for (let n = 0; n < ${WRITES}; n += 1) await guest.audit.appendAudit([${JSON.stringify(entry("guest"))}]);
    await guest.close();`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "inherit" });
  t.after(() => child.kill("SIGKILL"));
  let ended = false;
  const exit = once(child, "exit").then(([code]) => {
    ended = true;
    return code;
  });
  let written = 0;
  const writers = Array.from({ length: 10 }, async () => {
    for (; !ended; written += 1) await store.audit.appendAudit([entry("owner")]);
  });
  await Promise.all(writers);
  equal(await exit, 0);
  ok(written > 0);
  equal(await store.audit.pruneAudit({ maxAgeMs: null, maxCount: 0, limit: 10_000_000 }), written + WRITES);
});

test("a guest neither ends leases nor takes the database, nor keeps its next owner out", async (t) => {
  const { path, store, guest } = await openBoth(t);
  const driver = await drive(store);
  await driver.claim();
  await (await openSqliteAccess({ path, clock: systemClock })).close();
  equal((await store.leases.renew(driver.workerId)).alive, true);
  await rejects(createSqliteStore({ path, clock: systemClock }), { code: "store_owned" });
  await store.close();
  const next = await createSqliteStore({ path, clock: systemClock });
  t.after(() => next.close());
  await guest.audit.appendAudit([entry("guest")]);
  equal((await next.audit.audit(WHOLE)).length, 1);
  await guest.close();
  await guest.close();
  await rejects(guest.tokens.tokens(), { code: "store_unavailable" });
});

test("a guest refuses what is no database of this program's version, and makes none", async (t) => {
  const directory = await folderFor(t);
  const open = (name: string) => openSqliteAccess({ path: join(directory, name), clock: systemClock });
  await rejects(open("none.db"), isRefused(/There is no database at ".+none\.db" .+Start the server once/));
  await rejects(open("none.db"), isRefused(/There is no database/));
  const make = (name: string, fill: (db: DatabaseSync) => void) => {
    const db = new DatabaseSync(join(directory, name));
    fill(db);
    db.close();
  };
  make("older.db", (db) => migrate(db, "older.db", MIGRATIONS.slice(0, 4)));
  await rejects(
    open("older.db"),
    isRefused(/has version 4, .+ needs version \d+\. Start the server with this program/),
  );
  make("newer.db", (db) => migrate(db, "newer.db", [...MIGRATIONS, "CREATE TABLE later (a)"]));
  await rejects(open("newer.db"), isRefused(/Use the command line of the newer program/));
  make("other.db", (db) => db.exec("CREATE TABLE t (a)"));
  await rejects(open("other.db"), isRefused(/database of another program/));
});

test("a guest syncs every commit, and leaves the log to the owner", async (t) => {
  const path = join(await folderFor(t), "pawl.db");
  const store = await createSqliteStore({ path, clock: systemClock });
  const db = openDatabase({ path, role: "guest" });
  t.after(async () => {
    db.close();
    await store.close();
  });
  equal(db.prepare("PRAGMA journal_mode").get()?.journal_mode, "wal");
  equal(db.prepare("PRAGMA synchronous").get()?.synchronous, 2);
  equal(db.prepare("PRAGMA wal_autocheckpoint").get()?.wal_autocheckpoint, 0);
});

test("an older database learns how much was uploaded to it", async (t) => {
  const path = join(await folderFor(t), "pawl.db");
  const older = new DatabaseSync(path);
  migrate(older, path, MIGRATIONS.slice(0, 4));
  const insertFile = older.prepare("INSERT INTO files VALUES (?, NULL, ?, 'a', 'text/csv', ?, 'ab', 0)");
  insertFile.run("one", "upload", 5);
  insertFile.run("two", "upload", 7);
  insertFile.run("three", "artifact", 100);
  older.close();
  const store = await createSqliteStore({ path, clock: systemClock });
  t.after(() => store.close());
  equal(await store.files.uploadedBytes(), 12);
});

test("entries made while the clock was wrong neither go early nor keep others from going", async (t) => {
  const clock = createFakeClock(START);
  const store = await createSqliteStore({ path: ":memory:", clock });
  t.after(() => store.close());
  const HOUR_MS = 3_600_000;
  const [past, future] = [START - 1_000 * HOUR_MS, START + 1_000 * HOUR_MS];
  const moments = { old: START - 10 * HOUR_MS, future, older: START - 9 * HOUR_MS, young: START, past, newest: START };
  for (const [reason, at] of Object.entries(moments)) {
    clock.setNow(at);
    await store.audit.appendAudit([entry(reason)]);
  }
  const rule = { maxAgeMs: 5 * HOUR_MS, maxCount: null, limit: 100 };
  const left = async () => (await store.audit.audit(WHOLE)).map(({ reason }) => reason);
  equal(await store.audit.pruneAudit(rule), 3);
  deepEqual(await left(), ["newest", "past", "young"]);
  clock.setNow(START + 6 * HOUR_MS);
  equal(await store.audit.pruneAudit(rule), 3);
});

test("entries of the future alone stay until their time comes", async (t) => {
  const clock = createFakeClock(START);
  const store = await createSqliteStore({ path: ":memory:", clock });
  t.after(() => store.close());
  await store.audit.appendAudit([entry("future")]);
  clock.setNow(START - 1_000);
  await store.audit.appendAudit([entry("young")]);
  const rule = { maxAgeMs: 100, maxCount: null, limit: 100 };
  equal(await store.audit.pruneAudit(rule), 0);
  clock.setNow(START + 100);
  equal(await store.audit.pruneAudit(rule), 2);
});
