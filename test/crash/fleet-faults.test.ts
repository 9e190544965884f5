// Two servers and three workers of one PostgreSQL, whose lines and lives fail again and again: nothing that was acknowledged
// is lost, and nothing that an attempt writes too late counts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openLoopbackSite } from "../support/fleet/loopback-site.ts";
import { runFleet } from "../support/fleet/run-fleet.ts";
import { missingServer } from "../support/postgres-server.ts";
import { randomFor } from "../support/random.ts";

const missing = missingServer();
const skip = missing === null ? false : `SKIPPED: ${missing}`;

test("a dozen kills, freezes, partitions and restarts lose nothing and double nothing", { skip }, async (t) => {
  const site = await openLoopbackSite(t, ["server 1", "server 2", "worker 1", "worker 2", "worker 3"]);
  const run = { site, random: randomFor(t), servers: 2, faults: 12, imports: 4, rows: 1_500, ratePerSecond: 60 };
  const result = await runFleet(t, run);
  t.diagnostic(
    `${result.jobs} jobs, ${result.requests} requests, ${result.writes} writes, refused: ${JSON.stringify(result.refused)}`,
  );
  assert.deepEqual(result.broken, []);
  assert.deepEqual(result.stale, []);
  assert.ok(result.refused.byProcess + result.refused.byDatabase > 0, "without late writes this proves nothing");
  assert.ok(result.requests > 0 && result.lostAt.length > 0, "without requests and losses this proves nothing");
});
