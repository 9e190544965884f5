import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "../support/wait-for.ts";
import { startShippedJobs } from "./shipped-jobs.ts";

test("a ticker prints and logs a line at each tick", async (t) => {
  const { run, printed, pawl } = await startShippedJobs(t);
  const job = await run("ticker", { times: 3, intervalMs: 1, text: "Doing job id 7" });
  assert.deepEqual(job.output, { ticks: 3 });
  assert.deepEqual(printed, Array(3).fill("Doing job id 7"));
  assert.deepEqual(
    (await pawl.manager.logs(job.id)).map((line) => line.message),
    Array(3).fill("Doing job id 7"),
  );
});

test("a ticker that was paused goes on counting where it was", async (t) => {
  const { submit, printed, pawl } = await startShippedJobs(t);
  const { id } = await submit("ticker", { times: 2, intervalMs: 86_400_000 });
  await waitFor(async () => printed.length > 0, { what: "the first tick" });
  await pawl.manager.pause(id);
  await pawl.manager.waitUntil(id, "paused");
  await pawl.manager.resume(id);
  const job = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual(job.output, { ticks: 2 });
  assert.deepEqual(printed, ["Tick 1", "Tick 2"]);
});

test("an endless ticker ends when it is cancelled", async (t) => {
  const { submit, pawl } = await startShippedJobs(t);
  const { id } = await submit("ticker", { intervalMs: 1 });
  await pawl.manager.waitUntil(id, "running");
  await pawl.manager.cancel(id);
  assert.equal((await pawl.manager.waitUntil(id, "final")).state, "cancelled");
});

test("a text that could steer a terminal is refused", async (t) => {
  const { submit } = await startShippedJobs(t);
  await assert.rejects(submit("ticker", { text: "\u001b[2J" }), { code: "invalid_input" });
});
