// A process that commits to a PostgreSQL target is killed or frozen at random moments: each batch is there exactly once
// and whole, and nothing lands after a rollback has begun.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Pool } from "pg";
import type { Fence } from "../../src/ports/effects.ts";
import { postgresTarget } from "../../src/stores/postgres/index.ts";
import { testPostgres } from "../support/postgres.ts";
import { randomFor } from "../support/random.ts";

const COMMITTER = fileURLToPath(new URL("../support/effects-committer.ts", import.meta.url));
const KILLS = 15;
const FREEZES = 5;
/** A batch takes a few ms: this is anywhere from none to many of them. */
const WITHIN_MS = 60;

const postgres = await testPostgres();
const { skip } = postgres;

async function emptyTables(t: TestContext): Promise<Pool> {
  const pool = postgres.poolFor(t);
  await pool.query(
    "DROP TABLE IF EXISTS pawl_effects, item; CREATE TABLE item (batch int NOT NULL, half text NOT NULL)",
  );
  return pool;
}

interface Committer {
  readonly process: ChildProcess;
  /** Resolves with all that it printed, when it has ended. */
  readonly ended: Promise<string>;
}

/** Starts the program and waits until its attempt has entered the target. */
async function startCommitter(t: TestContext, token: number): Promise<Committer> {
  const child = spawn(process.execPath, [COMMITTER, postgres.url, String(token)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const ended = once(child, "close").then(() => printed);
  await Promise.race([once(child.stdout, "data"), ended]);
  assert.match(printed, /^entered/);
  return { process: child, ended };
}

const fence = (token: number, phase: Fence["phase"]): Fence => ({ jobId: "job-1", run: 1, phase, token });

/** What is in the table, in order, as `batch half`. */
async function halves(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query("SELECT batch, half FROM item ORDER BY batch, half");
  return rows.map(({ batch, half }) => `${batch} ${half}`);
}

const wholeBatches = (count: number) =>
  Array.from({ length: count }, (_, batch) => [`${batch} first`, `${batch} second`]).flat();

test("each batch is there exactly once and whole after many kills, and the target says how many there are", {
  skip,
}, async (t) => {
  const random = randomFor(t);
  const pool = await emptyTables(t);
  const target = postgresTarget(pool);
  let reached = 0;
  // On a slow machine more kills are needed until enough was committed to say anything.
  for (let kill = 1; kill <= KILLS || reached <= KILLS; kill += 1) {
    const committer = await startCommitter(t, 2 * kill);
    await sleep(random.between(0, WITHIN_MS));
    committer.process.kill("SIGKILL");
    await committer.ended;
    const { seq, cursor } = await target.enter(fence(2 * kill + 1, "forward"));
    assert.equal(cursor ?? 0, seq);
    reached = seq;
  }
  assert.deepEqual(await halves(pool), wholeBatches(reached));
});

test("an attempt that was frozen and comes back writes nothing: it can neither go on nor land after the rollback", {
  skip,
}, async (t) => {
  const random = randomFor(t);
  const pool = await emptyTables(t);
  const target = postgresTarget(pool);
  for (let freeze = 1; freeze <= FREEZES; freeze += 1) {
    const token = freeze * 2;
    const committer = await startCommitter(t, token);
    await sleep(random.between(0, WITHIN_MS));
    committer.process.kill("SIGSTOP");
    const before = await target.enter(fence(token + 1, "rollback"));
    const next = { seq: before.seq + 1, cursor: null };
    await target.commit(fence(token + 1, "rollback"), { expectedSeq: before.seq, next }, (tx) =>
      tx.query("DELETE FROM item"),
    );
    committer.process.kill("SIGCONT");
    assert.match(await committer.ended, /^entered\nrefused: /);
    assert.deepEqual(await halves(pool), []);
  }
});
