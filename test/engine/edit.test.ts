// Changing a job that waits or is paused.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { defineJob, fileRef } from "../../src/index.ts";
import { createGate, managerFor, numbers } from "./support.ts";

const FAR = "2099-01-01T00:00:00Z";

const greet = defineJob({
  type: "greet",
  input: z.strictObject({ name: z.string(), token: z.string().optional() }),
  secret: ["token"],
  exclusive: (input) => (input.name === "nobody" ? null : `greeting ${input.name}`),
  run: async (job) => `Hello ${job.input.name} (${job.input.token?.length ?? "no token"})`,
});

test("what is left out stays, what is given changes, and the history says who and why", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const { id } = await manager.submit({
    type: "greet",
    input: { name: "Ada" },
    availableAt: FAR,
    priority: 3,
    labels: { team: "a" },
  });
  const edited = await manager.edit(
    id,
    { priority: 7, labels: { team: "b", urgent: "" }, maxAttempts: 9 },
    { actor: "dana", reason: "the customer waits" },
  );
  assert.deepEqual(
    [edited.priority, edited.maxAttempts, edited.labels, edited.input, edited.availableAt],
    [7, 9, { team: "b", urgent: "" }, { name: "Ada" }, "2099-01-01T00:00:00.000Z"],
  );
  const entry = (await manager.history(id)).at(-1);
  assert.deepEqual([entry?.kind, entry?.actor, entry?.reason], ["edit", "dana", "the customer waits"]);
  assert.equal((await manager.list({ label: "team:b" })).items.length, 1);
  assert.equal((await manager.list({ label: "team:a" })).items.length, 0);
});

test("a time in the past runs a scheduled job now", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const { id } = await manager.submit({ type: "greet", input: { name: "Ada" }, availableAt: FAR });
  const edited = await manager.edit(id, { availableAt: "2001-01-01T00:00:00Z" });
  assert.ok(edited.availableAt >= edited.createdAt, "it does not go before those that have waited longer");
  assert.equal((await manager.waitUntil(id, "final")).output, "Hello Ada (no token)");
});

test("a secret that is given back as it was shown keeps its value", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const { id } = await manager.submit({
    type: "greet",
    input: { name: "Ada", token: "hunter22-hunter23" },
    availableAt: FAR,
  });
  const shown = await manager.get(id);
  assert.deepEqual(shown?.input, { name: "Ada", token: "[secret]" });
  const edited = await manager.edit(id, { input: { name: "Grace", token: "[secret]" } });
  assert.deepEqual(edited.input, { name: "Grace", token: "[secret]" });
  await manager.edit(id, { availableAt: new Date(0).toISOString() });
  const done = await manager.waitUntil(id, "final");
  assert.equal(done.output, "Hello Grace (17)");
});

test("what was secret at the submit stays secret in an edited input, and what is secret by then is too", async (t) => {
  const input = z.strictObject({ name: z.string(), token: z.string() });
  const named = (secret: readonly string[]) =>
    defineJob({ type: "named", input, secret, run: async (job) => `${job.input.name} ${job.input.token}` });
  const pawl = await managerFor(t, { jobs: [named(["token"])] });
  const given = { name: "Ada Lovelace", token: "hunter22" };
  const { id } = await pawl.manager.submit({ type: "named", input: given, availableAt: FAR });
  const manager = await pawl.restart({ jobs: [named(["name"])] });
  const edited = await manager.edit(id, { input: { name: "Grace Hopper", token: "[secret]" } });
  assert.deepEqual(edited.input, { name: "[secret]", token: "[secret]" });
  await manager.edit(id, { availableAt: new Date(0).toISOString() });
  assert.equal((await manager.waitUntil(id, "final")).output, "[secret] [secret]");
  assert.deepEqual((await manager.get(id))?.input, edited.input);
});

test("an edit that gives a secret back as it was shown never brings an old secret back", async (t) => {
  const [held, go] = [createGate(), createGate()];
  let isOpen = true;
  const checked = z.string().refine(async (token) => {
    if (isOpen || token !== "hunter22") return true;
    held.open();
    await go.passed;
    return true;
  });
  const input = z.strictObject({ name: z.string(), token: checked });
  const job = defineJob({ type: "checked", input, secret: ["token"], run: async (job) => job.input.token.length });
  const { manager } = await managerFor(t, { jobs: [job] });
  const submitted = { type: "checked", input: { name: "Ada", token: "hunter22" }, availableAt: FAR };
  const { id } = await manager.submit(submitted);
  isOpen = false;
  const shown = { input: { name: "Ada", token: "[secret]" }, labels: { at: "once" } };
  const late = manager.edit(id, shown);
  await held.passed;
  await manager.edit(id, { input: { name: "Grace", token: "changed meanwhile" } });
  go.open();
  await assert.rejects(late, { code: "changed_meanwhile", message: /input of job .+ was changed by somebody else/ });
  assert.deepEqual((await manager.get(id))?.labels, {});
  await manager.edit(id, shown);
  await manager.edit(id, { availableAt: new Date(0).toISOString() });
  const done = await manager.waitUntil(id, "final");
  assert.deepEqual([done.input, done.output], [shown.input, "changed meanwhile".length]);
});

test("a change of something else is not in the way of a secret that is given back as it was shown", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const input = { name: "Ada", token: "hunter22" };
  const { id } = await manager.submit({ type: "greet", input, availableAt: FAR });
  const shown = { input: { name: "Grace", token: "[secret]" } };
  await Promise.all([manager.edit(id, { priority: 2 }), manager.pause(id), manager.edit(id, shown)]);
  const job = await manager.get(id);
  assert.deepEqual([job?.priority, job?.input], [2, shown.input]);
});

test("while a job is rolled back its input stays as it is, and the rest can be changed", async (t) => {
  const [undoing, undone] = [createGate(), createGate()];
  const seen: string[] = [];
  const create = defineJob({
    type: "create",
    input: z.object({ name: z.string() }),
    run: async () => {},
    async rollback(job) {
      seen.push(job.input.name);
      undoing.open();
      if (seen.length === 1) await job.wait(60_000);
      undone.open();
    },
  });
  const { manager } = await managerFor(t, { jobs: [create] });
  const { id } = await manager.submit({ type: "create", input: { name: "mine" } });
  await manager.waitUntil(id, "succeeded");
  await manager.rollback(id);
  await undoing.passed;
  await manager.pause(id);
  await manager.waitUntil(id, "paused");
  await assert.rejects(manager.edit(id, { input: { name: "another" }, priority: 1 }), {
    code: "action_not_allowed",
    message: /has started: what it did belongs to the input that it has/,
    extras: { state: "paused", allowedActions: ["resume", "terminate"] },
  });
  assert.equal((await manager.edit(id, { priority: 2 })).priority, 2);
  await manager.resume(id);
  await manager.waitUntil(id, "rolled_back");
  assert.deepEqual(seen, ["mine", "mine"]);
});

test("a new input has to fit the type, and takes the exclusive group that belongs to it", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const ada = await manager.submit({ type: "greet", input: { name: "Ada" }, availableAt: FAR });
  const grace = await manager.submit({ type: "greet", input: { name: "Grace" }, availableAt: FAR });
  await assert.rejects(manager.edit(ada.id, { input: { name: 1 } }), { code: "invalid_input" });
  await assert.rejects(manager.edit(ada.id, { input: { name: "Grace" } }), {
    code: "exclusive_group_taken",
    message: /"greeting Grace" is held by the unfinished job/,
    extras: { holder: grace.id },
  });
  await manager.edit(ada.id, { input: { name: "Joan" } });
  await manager.submit({ type: "greet", input: { name: "Ada" }, availableAt: FAR });
  await assert.rejects(manager.submit({ type: "greet", input: { name: "Joan" } }), { code: "exclusive_group_taken" });
});

test("a file that an edit takes out of the input is free again, and the new one belongs to the job", async (t) => {
  const reader = defineJob({
    type: "reader",
    input: z.object({ file: fileRef() }),
    run: async (job) => (await job.openFile(job.input.file)).size,
  });
  const { manager } = await managerFor(t, { jobs: [reader] });
  const upload = (text: string) =>
    manager.files.upload(
      (async function* () {
        yield Buffer.from(text);
      })(),
      { name: "a", mediaType: "text/plain", maxBytes: 100 },
    );
  const [short, long] = [await upload("short"), await upload("rather long")];
  const { id } = await manager.submit({ type: "reader", input: { file: short.id }, availableAt: FAR });
  await manager.edit(id, { input: { file: long.id }, availableAt: new Date(0).toISOString() });
  assert.equal((await manager.waitUntil(id, "final")).output, 11);
  await manager.remove(id);
  assert.equal(await manager.files.get(long.id), null);
  assert.equal((await manager.files.get(short.id))?.jobId, null);
});

test("a job that has started keeps its input, whatever it waits for: its place belongs to it", async (t) => {
  const reached = createGate();
  const seen: string[] = [];
  const speak = defineJob({
    type: "speak",
    input: z.object({ word: z.string() }),
    async run(job) {
      for await (const number of job.iterate(numbers(6), { every: 1 })) {
        seen.push(`${job.input.word} ${number}`);
        if (number === 2 && job.input.word === "one") {
          reached.open();
          await job.wait(60_000);
        }
      }
    },
  });
  const pawl = await managerFor(t, { jobs: [speak] });
  const { id } = await pawl.manager.submit({ type: "speak", input: { word: "one" } });
  await reached.passed;
  await pawl.manager.pause(id);
  await pawl.manager.waitUntil(id, "paused");
  const refused = { code: "action_not_allowed", message: /has started.*cancel the job and submit it anew/ };
  await assert.rejects(pawl.manager.edit(id, { input: { word: "two" } }), refused);
  const manager = await pawl.crash();
  await assert.rejects(manager.edit(id, { input: { word: "two" } }), refused);
  assert.deepEqual((await manager.get(id))?.input, { word: "one" });
});

test("a job that runs or has ended is refused, with its state", async (t) => {
  const [started, go] = [createGate(), createGate()];
  const slow = defineJob({
    type: "slow",
    input: z.object({}),
    async run() {
      started.open();
      await go.passed;
    },
  });
  const { manager } = await managerFor(t, { jobs: [slow] });
  const { id } = await manager.submit({ type: "slow", input: {} });
  await started.passed;
  await assert.rejects(manager.edit(id, { priority: 1 }), {
    code: "action_not_allowed",
    message: /is running: edit is not possible/,
    extras: { state: "running", allowedActions: ["pause", "cancel", "terminate"] },
  });
  go.open();
  await manager.waitUntil(id, "succeeded");
  await assert.rejects(manager.edit(id, { priority: 1 }), {
    code: "action_not_allowed",
    extras: { state: "succeeded", allowedActions: [] },
  });
  await assert.rejects(manager.edit("019aa5d0-6f3a-7c55-9d1e-2f6f0c8b7a11", { priority: 1 }), {
    code: "job_not_found",
  });
});

test("an edit that does not fit or names nothing changes nothing", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const { id } = await manager.submit({ type: "greet", input: { name: "Ada" }, availableAt: FAR });
  for (const wrong of [
    {},
    { priority: 1.5 },
    { maxAttempts: 0 },
    { availableAt: "soon" },
    { labels: { "a:b": "c" } },
  ]) {
    await assert.rejects(manager.edit(id, wrong), { code: "invalid_request" }, JSON.stringify(wrong));
  }
  assert.equal((await manager.history(id)).length, 1);
});
