import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { startShippedJobs } from "./shipped-jobs.ts";
import { elapse, numbers } from "./support.ts";

const A_DAY_MS = 86_400_000;
const DELAY_MS = 3_000;

const REVERSED: readonly (readonly [what: string, text: string, reversed: string])[] = [
  ["a word", "hello", "olleh"],
  ["nothing", "", ""],
  ["letters with accents", "héllo wörld", "dlröw olléh"],
  ["characters outside of the first plane", "a🙂b𝒳", "𝒳b🙂a"],
  ["a half of a pair", "a\ud83db", "b\ud83da"],
  ["two halves in the wrong order", "\udc00\ud800", "\ud800\udc00"],
  ["control characters", "\u0000\u001b\n", "\n\u001b\u0000"],
  ["64 KiB that are six times as long in JSON", `${"\u0001".repeat(65_535)}\u0002`, `\u0002${"\u0001".repeat(65_535)}`],
  ["64 KiB of pairs", "🙂".repeat(16_384), "🙂".repeat(16_384)],
];

test("a text comes back reversed by character", async (t) => {
  const { run } = await startShippedJobs(t);
  for (const [what, text, reversed] of REVERSED) {
    const job = await run("reverse-text", { text, delayMs: 0 });
    assert.deepEqual([job.state, job.output], ["succeeded", { text: reversed }], what);
    const count = Array.from(text).length;
    const { done, total, unit } = job.progress;
    assert.deepEqual({ done, total, unit }, { done: count, total: count, unit: "characters" }, what);
  }
});

test("three at once are delayed, the others wait in the queue", async (t) => {
  const clock = createFakeClock(0);
  const { pawl, submit } = await startShippedJobs(t, { clock });
  const { manager } = pawl;
  const inState = async (state: "queued" | "running" | "succeeded") =>
    (await manager.list({ state: [state] })).items.length;
  for (const n of numbers(5)) await submit("reverse-text", { text: `text ${n}` });
  await waitFor(async () => (await inState("running")) >= 3, { what: "three of them to run" });
  await elapse(clock, pawl, DELAY_MS - 1);
  assert.deepEqual([await inState("running"), await inState("queued")], [3, 2]);
  await elapse(clock, pawl, 1);
  await waitFor(async () => (await inState("succeeded")) === 3 && (await inState("running")) === 2, {
    what: "the other two to run",
  });
});

test("a pause takes effect within the delay, which begins anew at the resume; so it does after a crash", async (t) => {
  const clock = createFakeClock(0);
  const { pawl, submit } = await startShippedJobs(t, { clock });
  const { id } = await submit("reverse-text", { text: "abc" });
  await pawl.manager.waitUntil(id, "running");
  await elapse(clock, pawl, DELAY_MS / 2);
  await pawl.manager.pause(id);
  await pawl.manager.waitUntil(id, "paused");
  await pawl.manager.resume(id);
  await pawl.manager.waitUntil(id, "running");
  await elapse(clock, pawl, DELAY_MS / 2);
  await pawl.crash();
  await pawl.manager.waitUntil(id, "running");
  await elapse(clock, pawl, DELAY_MS - 1);
  assert.equal((await pawl.manager.get(id))?.state, "running");
  await elapse(clock, pawl, 1);
  assert.deepEqual((await pawl.manager.waitUntil(id, "final")).output, { text: "cba" });
});

test("a cancel takes effect within the delay, and gives the place to another one", async (t) => {
  const { pawl, submit } = await startShippedJobs(t);
  const long = await Promise.all(numbers(3).map(() => submit("reverse-text", { text: "abc", delayMs: A_DAY_MS })));
  const { id } = await submit("reverse-text", { text: "abc", delayMs: 0 });
  const [first] = await Promise.all(long.map((job) => pawl.manager.waitUntil(job.id, "running")));
  assert.equal((await pawl.manager.get(id))?.state, "queued");
  await pawl.manager.cancel(first?.id ?? "");
  assert.equal((await pawl.manager.waitUntil(first?.id ?? "", "final")).state, "cancelled");
  assert.deepEqual((await pawl.manager.waitUntil(id, "final")).output, { text: "cba" });
});

test("what is no text of at most 64 KiB is refused before a job exists", async (t) => {
  const { submit } = await startShippedJobs(t);
  const refused: readonly object[] = [
    {},
    { text: null },
    { text: 5 },
    { text: ["a"] },
    { text: { length: 3 } },
    { text: "x".repeat(65_537) },
    { text: "€".repeat(21_846) },
    { text: "abc", delayMs: -1 },
    { text: "abc", delayMs: "0" },
    { text: "abc", workers: 9 },
  ];
  for (const input of refused)
    await assert.rejects(submit("reverse-text", input), { code: "invalid_input" }, JSON.stringify(input).slice(0, 80));
});
