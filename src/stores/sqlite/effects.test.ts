// What only the SQLite target promises; test/contract/effects.test.ts has what every target does.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Fence } from "../../ports/effects.ts";
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
