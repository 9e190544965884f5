// Jobs that a worker holds without running them: they are given back, although the worker lives and renews its lease.
import assert from "node:assert/strict";
import path from "node:path";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import { defineJob } from "../../src/index.ts";
import type { JobStore } from "../../src/ports/store.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import type { TestStorage } from "../../src/testing/test-manager.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { elapse, elapseUntilFinal, managerFor } from "./support.ts";

/** A store of which some calls take place, or not, and are answered by an error. */
async function storageWith(t: TestContext, broken: (jobs: JobStore) => Partial<JobStore>): Promise<TestStorage> {
  const folder = await tempFolder(t);
  return {
    async open(clock) {
      const store = await createSqliteStore({ path: path.join(folder, "pawl.db"), clock });
      const fileStore = createDirectoryFileStore({ directory: path.join(folder, "files") });
      return { store: { ...store, jobs: { ...store.jobs, ...broken(store.jobs) } }, fileStore };
    },
    remove: async () => {},
  };
}

async function startCounting(t: TestContext, broken: (jobs: JobStore) => Partial<JobStore>) {
  let runs = 0;
  const count = defineJob({
    type: "count",
    input: z.object({}),
    async run() {
      runs += 1;
    },
  });
  const clock = createFakeClock(0);
  const pawl = await managerFor(t, { jobs: [count], clock, storage: await storageWith(t, broken) });
  const { id } = await pawl.manager.submit({ type: "count", input: {} });
  const kinds = async () => (await pawl.manager.history(id)).map((entry) => entry.kind);
  return { pawl, clock, id, kinds, runs: () => runs };
}

test("a claim whose answer is lost leaves no job that nobody runs", async (t) => {
  let isLost = false;
  const { pawl, clock, id, kinds, runs } = await startCounting(t, (jobs) => ({
    async claim(request) {
      const claimed = await jobs.claim(request);
      if (isLost || claimed.jobs.length === 0) return claimed;
      isLost = true;
      throw new Error("The connection ended.");
    },
  }));
  const job = await elapseUntilFinal(clock, pawl, id);
  assert.deepEqual([job.state, job.crashCount, runs()], ["succeeded", 0, 1]);
  assert.deepEqual(await kinds(), ["submit", "claim", "halt", "claim", "succeed"]);
});

test("an attempt whose end the store refuses to take, for a while, is made again", async (t) => {
  let isRefused = true;
  const { pawl, clock, id, runs } = await startCounting(t, (jobs) => ({
    settle(settlements) {
      const isEnd = settlements.some(({ event }) => event !== "halt");
      return isRefused && isEnd ? Promise.reject(new Error("permission denied")) : jobs.settle(settlements);
    },
  }));
  await elapse(clock, pawl, pawl.store.leaseMs / 6);
  assert.deepEqual([(await pawl.manager.get(id))?.state, runs()], ["running", 1]);
  isRefused = false;
  assert.equal((await elapseUntilFinal(clock, pawl, id)).state, "succeeded");
});

test("an attempt that runs for long is not taken for one that nobody runs", async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  t.after(() => resolve());
  const long = defineJob({ type: "long", input: z.object({}), run: () => promise });
  const clock = createFakeClock(0);
  const pawl = await managerFor(t, { jobs: [long], clock, storage: await storageWith(t, () => ({})) });
  const { id } = await pawl.manager.submit({ type: "long", input: {} });
  await elapse(clock, pawl, 3 * pawl.store.leaseMs);
  const kinds = (await pawl.manager.history(id)).map((entry) => entry.kind);
  assert.deepEqual(kinds, ["submit", "claim"]);
  resolve();
});
