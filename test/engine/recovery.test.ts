// What a job keeps when its process dies or is stopped.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { defineJob } from "../../src/index.ts";
import { createGate, managerFor, numbers } from "./support.ts";

test("after a crash a job goes on after its last checkpoint, and the crash is counted", async (t) => {
  const seen: number[] = [];
  const reached = createGate();
  let crashed = false;
  const steady = defineJob({
    type: "steady",
    input: z.object({}),
    async run(job) {
      for await (const number of job.iterate(numbers(10), { every: 1 })) {
        seen.push(number);
        if (number !== 5 || crashed) continue;
        reached.open();
        await new Promise(() => {});
      }
    },
  });
  const pawl = await managerFor(t, { jobs: [steady] });
  const { id } = await pawl.manager.submit({ type: "steady", input: {} });
  await reached.passed;
  crashed = true;
  const manager = await pawl.crash();
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded");
  assert.equal(job.attempt, 1, "a crash consumes no attempt");
  assert.equal(job.crashCount, 0, "progress resets the crash count");
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9], "only the item without a checkpoint runs again");
  const kinds = (await manager.history(id)).map((entry) => entry.kind);
  assert.deepEqual(kinds, ["submit", "claim", "lost", "claim", "succeed"]);
});

test("a job that gets on a little before each crash is not taken for one that crashes the process", async (t) => {
  const seen: number[] = [];
  let reached = createGate();
  const unlucky = defineJob({
    type: "unlucky",
    input: z.object({}),
    async run(job) {
      for await (const number of job.iterate(numbers(8))) {
        seen.push(number);
        if (number === 0 || number === 7 || seen.filter((other) => other === number).length > 1) continue;
        reached.open();
        await new Promise(() => {});
      }
    },
  });
  const pawl = await managerFor(t, { jobs: [unlucky] });
  const { id } = await pawl.manager.submit({ type: "unlucky", input: {} });
  for (let crash = 0; crash < 6; crash++) {
    await reached.passed;
    reached = createGate();
    await pawl.crash();
  }
  const job = await pawl.manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded", "six crashes, one more than a job without progress may have");
  assert.deepEqual([...new Set(seen)], numbers(8));
});

test("an acknowledged pause and an acknowledged cancel survive a crash", async (t) => {
  const entered = [createGate(), createGate()];
  let undone = 0;
  const stuck = defineJob({
    type: "stuck",
    input: z.object({ which: z.number() }),
    async run(job) {
      entered[job.input.which]?.open();
      await new Promise(() => {});
    },
    async rollback() {
      undone += 1;
    },
  });
  const pawl = await managerFor(t, { jobs: [stuck] });
  const [first, second] = await Promise.all(
    [0, 1].map((which) => pawl.manager.submit({ type: "stuck", input: { which } })),
  );
  assert.ok(first && second);
  await Promise.all(entered.map((gate) => gate.passed));
  await pawl.manager.pause(first.id);
  await pawl.manager.cancel(second.id);
  const manager = await pawl.crash();
  assert.equal((await manager.get(first.id))?.state, "paused");
  assert.equal((await manager.waitUntil(second.id, "final")).state, "rolled_back");
  assert.equal(undone, 1);
});

test("a clean stop puts running jobs back without consuming anything, and they go on after the restart", async (t) => {
  const seen: number[] = [];
  const reached = createGate();
  const slow = defineJob({
    type: "slow",
    input: z.object({}),
    async run(job) {
      for await (const number of job.iterate(numbers(6))) {
        seen.push(number);
        if (number !== 2 || seen.length > 3) continue;
        reached.open();
        await new Promise<void>((resolve) => job.signal.addEventListener("abort", () => resolve()));
      }
    },
  });
  const pawl = await managerFor(t, { jobs: [slow] });
  const { id } = await pawl.manager.submit({ type: "slow", input: {} });
  await reached.passed;
  const manager = await pawl.restart();
  const job = await manager.waitUntil(id, "final");
  assert.deepEqual(seen, numbers(6));
  assert.equal(job.attempt, 1);
  assert.equal(job.crashCount, 0);
});

test("a job that crashes its process again and again without progress fails as a crash loop", async (t) => {
  let entered = createGate();
  const poison = defineJob({
    type: "poison",
    input: z.object({}),
    async run() {
      entered.open();
      await new Promise(() => {});
    },
  });
  const pawl = await managerFor(t, { jobs: [poison] });
  const { id } = await pawl.manager.submit({ type: "poison", input: {} });
  for (let crash = 1; crash <= 2; crash += 1) {
    await entered.passed;
    entered = createGate();
    await pawl.crash();
    assert.equal((await pawl.manager.get(id))?.crashCount, crash);
  }
});

test("an artifact goes on where its last checkpoint left it", async (t) => {
  const reached = createGate();
  let crashed = false;
  const writer = defineJob({
    type: "writer",
    input: z.object({}),
    async run(job) {
      const file = await job.artifact("numbers.txt", { mediaType: "text/plain" });
      for await (const number of job.iterate(numbers(8), { every: 1 })) {
        await file.write(`${number}\n`);
        if (number !== 4 || crashed) continue;
        reached.open();
        await new Promise(() => {});
      }
      return file.finish();
    },
  });
  const pawl = await managerFor(t, { jobs: [writer] });
  const { id } = await pawl.manager.submit({ type: "writer", input: {} });
  await reached.passed;
  crashed = true;
  const manager = await pawl.crash();
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded");
  const { file, read } = await manager.files.artifact(id, "numbers.txt");
  const chunks: Uint8Array[] = [];
  for await (const chunk of read()) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), "0\n1\n2\n3\n4\n5\n6\n7\n");
  assert.equal(file.size, 16);
  assert.deepEqual(job.output, { size: 16, sha256: file.sha256 });
  assert.deepEqual(job.artifacts, [{ name: "numbers.txt", size: 16, sha256: file.sha256, mediaType: "text/plain" }]);
});
