import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { startShippedJobs } from "./shipped-jobs.ts";
import { elapse, numbers } from "./support.ts";

const STEP_MS = 10_000;

/** A task whose time the test moves, and which waits in its first step. */
async function startTask(t: TestContext, input: object) {
  const clock = createFakeClock(0);
  const jobs = await startShippedJobs(t, { clock, concurrency: 1 });
  const { id } = await jobs.submit("file-task", input);
  /** Waits until so many steps are done, and the job waits in the next one. */
  const waiting = (done: number) =>
    waitFor(
      async () => {
        const job = await jobs.pawl.manager.get(id);
        return (
          job?.state === "queued" && Date.parse(job.availableAt) > clock.now() && job.progress.done === done && job
        );
      },
      { what: `step ${done + 1}` },
    );
  await waiting(0);
  const names = async () => (await jobs.pawl.manager.artifacts(id)).map((file) => file.name);
  return { ...jobs, id, waiting, names, pass: (ms: number) => elapse(clock, jobs.pawl, ms) };
}

test("each step writes a JSON file, the last one is there when the job has succeeded", async (t) => {
  const { pawl, id, waiting, names, pass, artifactText } = await startTask(t, { name: "sample" });
  const textOf = async (file: string) => JSON.parse(await artifactText(id, file));
  assert.deepEqual(await names(), []);
  await pass(STEP_MS);
  const { progress } = await waiting(1);
  assert.deepEqual([progress.total, progress.unit], [2, "steps"]);
  assert.deepEqual(await names(), ["step-1.json"]);
  assert.deepEqual(await textOf("step-1.json"), { id, name: "sample", step: 1, steps: 2 });
  await pass(STEP_MS);
  const job = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual([job.state, job.output, job.progress.done], ["succeeded", { steps: 2 }, 2]);
  assert.deepEqual((await names()).toSorted(), ["step-1.json", "task.json"]);
  assert.deepEqual(await textOf("task.json"), { id, name: "sample", step: 2, steps: 2 });
});

test("a crash between the steps neither repeats the first one nor makes the second one longer", async (t) => {
  const { pawl, id, waiting, pass } = await startTask(t, { name: "sample" });
  await pass(STEP_MS);
  const { availableAt } = await waiting(1);
  const [first] = await pawl.manager.artifacts(id);
  await pass(STEP_MS / 2);
  await pawl.crash();
  assert.equal((await waiting(1)).availableAt, availableAt);
  await pass(STEP_MS / 2);
  assert.equal((await pawl.manager.waitUntil(id, "final")).state, "succeeded");
  assert.deepEqual(
    (await pawl.manager.artifacts(id)).find((file) => file.name === "step-1.json"),
    first,
  );
});

test("a pause in the middle of a step does not make it longer", async (t) => {
  const { pawl, id, pass, names } = await startTask(t, { name: "sample" });
  await pass(STEP_MS / 2);
  await pawl.manager.pause(id);
  await pass(STEP_MS);
  assert.deepEqual([(await pawl.manager.get(id))?.state, await names()], ["paused", []]);
  await pawl.manager.resume(id);
  await waitFor(async () => (await names()).length === 1, { what: "the first file" });
  await pass(STEP_MS);
  assert.equal((await pawl.manager.waitUntil(id, "final")).state, "succeeded");
});

test("a cancel in the middle of the second step leaves the first file with the job", async (t) => {
  const { pawl, id, waiting, pass, names } = await startTask(t, { name: "sample" });
  await pass(STEP_MS);
  await waiting(1);
  await pawl.manager.cancel(id);
  assert.equal((await pawl.manager.waitUntil(id, "final")).state, "cancelled");
  assert.deepEqual(await names(), ["step-1.json"]);
});

test("many tasks take no longer than one, and hold no worker", async (t) => {
  const { pawl, submit, pass, printed } = await startTask(t, { name: "sample" });
  const tasks = await Promise.all(numbers(100).map((n) => submit("file-task", { name: `task ${n}` })));
  const ticker = await submit("ticker", { times: 1 });
  assert.equal((await pawl.manager.waitUntil(ticker.id, "final")).state, "succeeded");
  assert.deepEqual(printed, ["Tick 1"]);
  for (const done of [1, 2]) {
    await pass(STEP_MS);
    await waitFor(
      async () =>
        (await pawl.manager.list({ type: ["file-task"], limit: 200 })).items.every((job) => job.progress.done === done),
      { what: `step ${done} of all` },
    );
  }
  for (const { id } of tasks) assert.equal((await pawl.manager.waitUntil(id, "final")).state, "succeeded");
});

test("a name is kept as it is, whatever would be made of it in a path or a page", async (t) => {
  const { run, artifactText } = await startShippedJobs(t);
  const names = ["../../etc/passwd", "<script>alert(1)</script>", '"}', "__proto__", "名前 🙂", " ", "x".repeat(200)];
  for (const name of names) {
    const { id, state } = await run("file-task", { name, stepMs: 0 });
    assert.equal(state, "succeeded", name);
    assert.equal(JSON.parse(await artifactText(id, "task.json")).name, name);
  }
});

test("what is no name is refused before a job exists", async (t) => {
  const { submit } = await startShippedJobs(t);
  const refused: readonly object[] = [
    {},
    { name: "" },
    { name: null },
    { name: 5 },
    { name: ["sample"] },
    { name: "x".repeat(201) },
    { name: "two\nlines" },
    { name: "nul\u0000" },
    { name: "\u009b2J" },
    { name: "sample", stepMs: -1 },
    { name: "sample", stepMs: 86_400_001 },
    { name: "sample", file_path: "/tmp/x" },
  ];
  for (const input of refused)
    await assert.rejects(submit("file-task", input), { code: "invalid_input" }, JSON.stringify(input).slice(0, 80));
});
