// What becomes of a job's lines while the store is slow, or takes none.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import { createManager, defineJob, type JobContext, type Manager, type Store } from "../../src/index.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { waitFor } from "../support/wait-for.ts";
import { createGate } from "./support.ts";

const WRITE_EVERY_MS = 100;

interface Logging {
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly run: (job: JobContext) => Promise<unknown>;
  /** What writing lines does. */
  readonly appendLogs: (store: Store, ...write: Parameters<Store["logs"]["appendLogs"]>) => Promise<number>;
}

/** A manager with one type of job, over a store that writes lines in its own way. */
async function managerThatLogs(t: TestContext, { clock, run, appendLogs }: Logging): Promise<Manager> {
  const store = await createSqliteStore({ path: ":memory:", clock });
  const logs: Store["logs"] = {
    logs: (...page) => store.logs.logs(...page),
    appendLogs: (...write) => appendLogs(store, ...write),
  };
  const manager = createManager({
    store: { ...store, logs },
    fileStore: createDirectoryFileStore({ directory: await tempFolder(t) }),
    jobs: [defineJob({ type: "talks", input: z.object({}), run })],
    clock,
  });
  await manager.start();
  t.after(async () => {
    await manager.stop();
    await store.close();
  });
  return manager;
}

test("while the store hangs a job's lines do not pile up, and how many were lost is told when it is back", async (t) => {
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const [store, flooded, goOn] = [createGate(), createGate(), createGate()];
  t.after(goOn.open);
  const manager = await managerThatLogs(t, {
    clock,
    async appendLogs(real, ...write) {
      await store.passed;
      return real.logs.appendLogs(...write);
    },
    async run(job) {
      for (let round = 0; round < 20; round += 1) {
        for (let n = 0; n < 1_000; n += 1) job.log.info(`${round}: ${n}`);
        clock.advance(WRITE_EVERY_MS);
      }
      flooded.open();
      await goOn.passed;
      job.log.info("after");
    },
  });
  const { id } = await manager.submit({ type: "talks", input: {} });
  await flooded.passed;
  store.open();
  const first = await waitFor(
    async () => {
      const lines = await manager.logs(id, { limit: 10_000 });
      return lines.length > 0 && lines;
    },
    { what: "the first lines" },
  );
  assert.deepEqual([first.length, first.at(-1)?.message], [1_000, "0: 999"]);
  goOn.open();
  await manager.waitUntil(id, "succeeded");
  const rest = await manager.logs(id, { after: first.at(-1)?.seq ?? 0 });
  assert.deepEqual(
    rest.map(({ message }) => message),
    ["after", "19000 lines were dropped: the job logs faster than lines can be kept."],
  );
});

test("lines that the store refused are told of with the next that it takes, and the job ends all the same", async (t) => {
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const refused = createGate();
  let isFull = true;
  const manager = await managerThatLogs(t, {
    clock,
    async appendLogs(real, ...write) {
      if (!isFull) return real.logs.appendLogs(...write);
      refused.open();
      throw new Error("There is no space left.");
    },
    async run(job) {
      job.log.info("lost");
      job.log.info("lost too");
      clock.advance(WRITE_EVERY_MS);
      await refused.passed;
      isFull = job.attempt === 2;
      job.log.info("kept");
      if (job.attempt === 1) throw new Error("again");
    },
  });
  const { id } = await manager.submit({ type: "talks", input: {}, maxAttempts: 2 });
  await waitFor(async () => (await manager.logs(id)).length > 0, { what: "the lines of the first attempt" });
  assert.deepEqual(
    (await manager.logs(id)).map(({ message }) => message),
    ["kept", "2 lines were dropped: the job logs faster than lines can be kept."],
  );
  isFull = true;
  await waitFor(
    async () => {
      clock.advance(1_000);
      return (await manager.get(id))?.state === "succeeded";
    },
    { what: "the second attempt" },
  );
});
