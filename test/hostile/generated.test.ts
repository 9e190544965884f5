// Requests made from the served OpenAPI document itself: good ones, damaged ones and wild ones, to every operation. Each
// reply is one that the document has, and what is refused leaves nothing behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed } from "../support/random.ts";
import { runRequests } from "./generated/run-requests.ts";
import { assertLogLines } from "./log-lines.ts";
import { startWorld } from "./world.ts";

const REQUESTS = 3_000;
/** Fewer successes would mean that little more than the checks of input were met. */
const SUCCESS_SHARE_MIN = 0.3;

test("every reply to any request is one that the document has, and what is refused stores nothing", async (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed} repeats these requests`);
  const world = await startWorld(t);
  const report = await runRequests(world, { seed, requests: Number(process.env.REQUESTS ?? REQUESTS) });
  assert.equal(report.failures.length, 0, report.failures.join("\n"));
  const statuses = [...report.byStatus].sort(([a], [b]) => a - b).map(([status, times]) => `${times} x ${status}`);
  t.diagnostic(`${report.sent} requests: ${statuses.join(", ")}`);
  const successes = [...report.byOperation.values()].reduce((sum, counts) => sum + counts.successes, 0);
  assert.ok(successes >= SUCCESS_SHARE_MIN * report.sent, `${successes} of ${report.sent} succeeded`);
  const rarely = [...report.byOperation].filter(([, { requests }]) => requests < 10).map(([id]) => id);
  assert.deepEqual(rarely, [], "operations that were hardly asked");
  const never = [...report.byOperation].filter(([, counts]) => counts.successes === 0).map(([id]) => id);
  assert.deepEqual(never, [], "operations that never succeeded");
  assertLogLines(world);
});
