import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { type Fence, FenceLost } from "../../ports/effects.ts";
import { sqliteTarget } from "./effects.ts";

const fence = (change: Partial<Fence> = {}): Fence => ({
  jobId: "job-1",
  run: 1,
  phase: "forward",
  token: 1,
  ...change,
});

function open() {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE item (name TEXT NOT NULL UNIQUE) STRICT");
  return { database, target: sqliteTarget(database) };
}

const names = (database: DatabaseSync) =>
  database
    .prepare("SELECT name FROM item ORDER BY name")
    .all()
    .map((row) => row.name);

const insert = (name: string) => (tx: DatabaseSync) => tx.prepare("INSERT INTO item VALUES (?)").run(name);

test("a new attempt starts at seq 0 without a cursor", async () => {
  const { target } = open();
  assert.deepEqual(await target.enter(fence()), { seq: 0, cursor: null });
});

test("rows and cursor move together, and the next attempt starts from both", async () => {
  const { database, target } = open();
  await target.enter(fence());
  await target.commit(fence(), { expectedSeq: 0, next: { seq: 1, cursor: { at: [7, "x"] } } }, insert("a"));
  assert.deepEqual(names(database), ["a"]);
  assert.deepEqual(await target.enter(fence({ token: 2 })), { seq: 1, cursor: { at: [7, "x"] } });
});

test("commit answers what the callback returns", async () => {
  const { target } = open();
  await target.enter(fence());
  assert.equal(await target.commit(fence(), { expectedSeq: 0, next: { seq: 1, cursor: null } }, () => 42), 42);
});

test("what the callback throws rolls rows and cursor back", async () => {
  const { database, target } = open();
  await target.enter(fence());
  const failing = target.commit(fence(), { expectedSeq: 0, next: { seq: 1, cursor: 5 } }, (tx) => {
    insert("a")(tx);
    throw new Error("no");
  });
  await assert.rejects(failing, /^Error: no$/);
  assert.deepEqual(names(database), []);
  assert.deepEqual(await target.enter(fence()), { seq: 0, cursor: null });
});

test("an attempt that was replaced can neither repeat nor enter again", async () => {
  const { database, target } = open();
  await target.enter(fence({ token: 1 }));
  await target.enter(fence({ token: 2 }));
  const late = target.commit(fence({ token: 1 }), { expectedSeq: 0, next: { seq: 1, cursor: 1 } }, insert("late"));
  await assert.rejects(late, FenceLost);
  await assert.rejects(target.enter(fence({ token: 1 })), FenceLost);
  assert.deepEqual(names(database), []);
});

test("the callback does not run when the fence is lost", async () => {
  const { target } = open();
  await target.enter(fence({ token: 2 }));
  let ran = false;
  const late = target.commit(fence({ token: 1 }), { expectedSeq: 0, next: { seq: 1, cursor: 1 } }, () => {
    ran = true;
  });
  await assert.rejects(late, FenceLost);
  assert.equal(ran, false);
});

test("a step that was already taken is refused", async () => {
  const { database, target } = open();
  await target.enter(fence());
  await target.commit(fence(), { expectedSeq: 0, next: { seq: 1, cursor: 1 } }, insert("a"));
  await assert.rejects(target.commit(fence(), { expectedSeq: 0, next: { seq: 1, cursor: 1 } }, insert("b")), FenceLost);
  assert.deepEqual(names(database), ["a"]);
});

test("the rollback phase forgets the cursor, keeps the seq, and fences the forward attempt", async () => {
  const { database, target } = open();
  await target.enter(fence());
  await target.commit(fence(), { expectedSeq: 0, next: { seq: 1, cursor: 1 } }, insert("a"));
  assert.deepEqual(await target.enter(fence({ token: 2, phase: "rollback" })), { seq: 1, cursor: null });
  await assert.rejects(target.commit(fence(), { expectedSeq: 1, next: { seq: 2, cursor: 2 } }, insert("b")), FenceLost);
  assert.deepEqual(names(database), ["a"]);
});

test("a new run starts from nothing and fences the attempts of the run before", async () => {
  const { target } = open();
  await target.enter(fence());
  await target.commit(fence(), { expectedSeq: 0, next: { seq: 1, cursor: 1 } }, () => {});
  assert.deepEqual(await target.enter(fence({ run: 2, token: 2 })), { seq: 0, cursor: null });
  await assert.rejects(
    target.commit(fence(), { expectedSeq: 1, next: { seq: 2, cursor: 2 } }, () => {}),
    FenceLost,
  );
});

test("a late attempt of an earlier run that never entered is refused", async () => {
  const { target } = open();
  await target.enter(fence({ run: 2, token: 2 }));
  await assert.rejects(target.enter(fence({ run: 1, token: 1 })), FenceLost);
});

test("jobs do not disturb each other", async () => {
  const { target } = open();
  await target.enter(fence({ token: 9 }));
  assert.deepEqual(await target.enter(fence({ jobId: "job-2", token: 1 })), { seq: 0, cursor: null });
});

test("a callback that returns a promise is refused and rolled back", async () => {
  const { database, target } = open();
  await target.enter(fence());
  const promised = target.commit(fence(), { expectedSeq: 0, next: { seq: 1, cursor: 1 } }, async (tx) => {
    insert("a")(tx);
    throw new Error("nobody hears this");
  });
  await assert.rejects(promised, /must be synchronous/);
  assert.deepEqual(names(database), []);
});

test("a callback that commits by itself is told so", async () => {
  const { target } = open();
  await target.enter(fence());
  const rogue = target.commit(fence(), { expectedSeq: 0, next: { seq: 1, cursor: 1 } }, (tx) => tx.exec("COMMIT"));
  await assert.rejects(rogue, /ended the transaction itself/);
});

test("a connection that is in a transaction of its owner's is left alone", async () => {
  const { database, target } = open();
  await target.enter(fence());
  database.exec("BEGIN");
  insert("mine")(database);
  await assert.rejects(
    target.commit(fence(), { expectedSeq: 0, next: { seq: 1, cursor: 1 } }, insert("a")),
    /already in a transaction/,
  );
  database.exec("COMMIT");
  assert.deepEqual(names(database), ["mine"]);
});

test("a full disk is storage_full, changes nothing, and passes when there is room again", async () => {
  const directory = mkdtempSync(join(tmpdir(), "pawl-effects-"));
  const database = new DatabaseSync(join(directory, "data.db"));
  try {
    database.exec("CREATE TABLE item (name TEXT NOT NULL) STRICT");
    const target = sqliteTarget(database);
    await target.enter(fence());
    database.exec("PRAGMA max_page_count = 4");
    const big = (tx: DatabaseSync) => tx.prepare("INSERT INTO item VALUES (?)").run("x".repeat(100_000));
    const step = { expectedSeq: 0, next: { seq: 1, cursor: 1 } };
    await assert.rejects(target.commit(fence(), step, big), { code: "storage_full" });
    assert.deepEqual(names(database), []);
    database.exec("PRAGMA max_page_count = 100000");
    await target.commit(fence(), step, big);
    assert.equal(names(database).length, 1);
  } finally {
    database.close();
    rmSync(directory, { recursive: true });
  }
});
