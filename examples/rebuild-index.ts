// Submits that count as one: once, throttle, debounce, and a request that is sent twice.
// Run it with `node examples/rebuild-index.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, defineJob, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

const rebuild = defineJob({
  type: "rebuild-index",
  input: z.strictObject({ version: z.number() }),
  run: async (job) => job.input.version,
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({ store, fileStore, jobs: [rebuild] });
await manager.start();

/** Submits five versions one after the other, and tells what became of them. */
async function submitFive(mode: "once" | "throttle" | "debounce") {
  const ids: string[] = [];
  for (const version of [1, 2, 3, 4, 5]) {
    const dedupe = { key: `page 7, ${mode}`, windowMs: 1_000, mode };
    const { job } = await manager.submitOnce({ type: "rebuild-index", input: { version }, dedupe });
    if (!ids.includes(job.id)) ids.push(job.id);
    if (version === 1 && mode !== "debounce") await manager.waitUntil(job.id, "final");
  }
  const outputs = await Promise.all(ids.map(async (id) => (await manager.waitUntil(id, "final")).output));
  console.log(`${mode}: built ${outputs.join(" and ")}`);
}
await submitFive("once");
await submitFive("throttle");
await submitFive("debounce");

const order = { type: "rebuild-index", input: { version: 6 } };
const answers = [
  await manager.submitOnce(order, { idempotencyKey: "order-1044" }),
  await manager.submitOnce(order, { idempotencyKey: "order-1044" }),
];
console.log(`sent twice: ${answers.map(({ outcome }) => outcome).join(", ")}`);

await manager.waitUntil(answers[0]?.job.id ?? "", "final");
await manager.stop();
await store.close();
await rm(directory, { recursive: true });
