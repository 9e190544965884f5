// Nested loops over tables of a real PostgreSQL, with the inner place kept in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type pg from "pg";
import * as z from "zod";
import { defineJob, type JobContext, pagedRecords } from "../../src/index.ts";
import { postgresTarget } from "../../src/stores/postgres/index.ts";
import { testPostgres } from "../support/postgres.ts";
import { createGate, managerFor } from "./support.ts";

const postgres = await testPostgres();
const { skip } = postgres;

// PostgreSQL's bigint comes as a string, which is a good cursor as it is.
const row = z.object({ id: z.string() });

/** The keys of a table behind a key, of one account where that is given. */
const keysOf = (pool: pg.Pool, table: "account" | "member", account: string | null = null) =>
  pagedRecords({
    async fetch(after, limit) {
      const where = account === null ? "" : "AND account_id = $3";
      const values = [after ?? 0, limit, ...(account === null ? [] : [account])];
      const { rows } = await pool.query(`SELECT id FROM ${table} WHERE id > $1 ${where} ORDER BY id LIMIT $2`, values);
      return row.array().parse(rows);
    },
    cursorOf: ({ id }) => id,
    pageSize: 2,
  });

test("rows of an inner loop over PostgreSQL stand there exactly once after a pause and a crash", {
  skip,
}, async (t) => {
  const pool = postgres.poolFor(t);
  await pool.query(`
    DROP TABLE IF EXISTS pawl_effects, told, member, account;
    CREATE TABLE account (id bigint PRIMARY KEY);
    CREATE TABLE member (id bigint PRIMARY KEY, account_id bigint NOT NULL);
    CREATE TABLE told (nr serial PRIMARY KEY, id bigint NOT NULL);
    INSERT INTO account SELECT generate_series(9007199254740993, 9007199254740997);
    INSERT INTO member SELECT n, 9007199254740993 + n % 5 FROM generate_series(1, 25) AS n`);
  const target = postgresTarget(pool);
  const stops = [
    { at: "12", kind: "pause", reached: createGate() },
    { at: "8", kind: "crash", reached: createGate() },
  ];
  const waiting = [...stops];
  const run = async (job: JobContext) => {
    for await (const account of job.iterate(keysOf(pool, "account"), { name: "accounts" })) {
      const members = keysOf(pool, "member", account.id);
      for await (const batch of job.iterate(members, { name: "members", size: 1, target })) {
        const [member] = batch.items;
        await batch.commit(target, (tx) => tx.query("INSERT INTO told (id) VALUES ($1)", [member?.id]));
        const [stop] = waiting;
        if (member?.id !== stop?.at) continue;
        waiting.shift();
        stop?.reached.open();
        await new Promise((resolve) => job.signal.addEventListener("abort", resolve));
      }
    }
  };
  const pawl = await managerFor(t, { jobs: [defineJob({ type: "tell", input: z.object({}), run })] });
  const { id } = await pawl.manager.submit({ type: "tell", input: {} });
  for (const { kind, reached } of stops) {
    await reached.passed;
    if (kind === "crash") await pawl.crash();
    else {
      await pawl.manager.pause(id);
      await pawl.manager.waitUntil(id, "paused");
      await pawl.manager.resume(id);
    }
  }
  const job = await pawl.manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded", job.error?.message);
  const told = await pool.query("SELECT id FROM told ORDER BY nr");
  const expected = await pool.query("SELECT id FROM member ORDER BY account_id, id");
  assert.equal(expected.rows.length, 25);
  assert.deepEqual(told.rows, expected.rows);
});
