import assert from "node:assert/strict";
import { test } from "node:test";
import { createTicker } from "../../src/jobs/ticker.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { startShippedJobs } from "./shipped-jobs.ts";
import { elapse, managerFor } from "./support.ts";

const A_DAY_MS = 86_400_000;

test("a ticker prints and logs a line at each tick", async (t) => {
  const { run, printed, pawl } = await startShippedJobs(t);
  const job = await run("ticker", { times: 3, intervalMs: 1, text: "Doing job id 7", stopText: "Cancelling job id 7" });
  assert.deepEqual(job.output, { ticks: 3 });
  assert.deepEqual(printed, Array(3).fill("Doing job id 7"));
  assert.deepEqual(
    (await pawl.manager.logs(job.id)).map((line) => line.message),
    Array(3).fill("Doing job id 7"),
  );
});

test("a ticker that was paused goes on counting where it was", async (t) => {
  const { submit, printed, pawl } = await startShippedJobs(t);
  const { id } = await submit("ticker", { times: 2, intervalMs: A_DAY_MS });
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

for (const action of ["cancel", "terminate"] as const) {
  test(`a ticker says its last line once, at the ${action}, and not at a pause, a stop of the server or a crash`, async (t) => {
    const { submit, printed, pawl } = await startShippedJobs(t);
    const { id } = await submit("ticker", { intervalMs: A_DAY_MS, text: "tick", stopText: "stop" });
    const messages = async () => (await pawl.manager.logs(id)).map((line) => line.message);
    // What a crash meets before it is stored is lost, or repeated: neither is what this is about.
    const ticks = (count: number) =>
      waitFor(
        async () => (await messages()).length === count && (await pawl.manager.get(id))?.progress.done === count,
        { what: `tick ${count}` },
      );
    await ticks(1);
    await pawl.manager.pause(id);
    await pawl.manager.waitUntil(id, "paused");
    await pawl.manager.resume(id);
    await ticks(2);
    await pawl.restart();
    await ticks(3);
    await pawl.crash();
    await ticks(4);
    await pawl.manager[action](id);
    await Promise.all([pawl.manager[action](id), pawl.manager[action](id)]);
    assert.equal((await pawl.manager.waitUntil(id, "final")).state, "cancelled");
    const lines = [...Array(4).fill("tick"), "stop"];
    assert.deepEqual(printed, lines);
    assert.deepEqual(await messages(), lines);
  });
}

test("a ticker that is cancelled while it is paused has nothing to say", async (t) => {
  const { submit, printed, pawl } = await startShippedJobs(t);
  const { id } = await submit("ticker", { intervalMs: A_DAY_MS, text: "tick", stopText: "stop" });
  await waitFor(async () => printed.length > 0, { what: "the first tick" });
  await pawl.manager.pause(id);
  await pawl.manager.waitUntil(id, "paused");
  await pawl.manager.cancel(id);
  assert.equal((await pawl.manager.waitUntil(id, "final")).state, "cancelled");
  assert.deepEqual(printed, ["tick"]);
});

test("no more tickers run at once than the type allows", async (t) => {
  const clock = createFakeClock(0);
  const printed: string[] = [];
  const pawl = await managerFor(t, {
    jobs: [createTicker({ print: (line) => printed.push(line), concurrency: 2 })],
    clock,
  });
  const input = { times: 2, intervalMs: 1_000 };
  for (const text of ["a", "b", "c"]) await pawl.manager.submit({ type: "ticker", input: { ...input, text } });
  await waitFor(async () => printed.length >= 2, { what: "two tickers" });
  await elapse(clock, pawl, 500);
  assert.deepEqual(printed, ["a", "b"]);
  assert.equal((await pawl.manager.list({ state: ["running"] })).items.length, 2);
  await elapse(clock, pawl, 500);
  await waitFor(async () => printed.length >= 5, { what: "the third ticker" });
  assert.deepEqual(printed.toSorted(), ["a", "a", "b", "b", "c"]);
});

test("a text that could steer a terminal is refused", async (t) => {
  const { submit } = await startShippedJobs(t);
  const refused: readonly object[] = [
    { text: "\u001b[2J" },
    { stopText: "\u001b[2J" },
    { text: "two\nlines" },
    { stopText: "back\rspace" },
    { text: "\u009b2J" },
    { stopText: "x".repeat(201) },
    { stopText: 7 },
    { stopText: null },
    { intervalMs: 0 },
    { times: 0 },
  ];
  for (const input of refused)
    await assert.rejects(submit("ticker", input), { code: "invalid_input" }, JSON.stringify(input));
});
