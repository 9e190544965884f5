// A job of the third earlier API as a job type: halted, kept over a restart, resumed, and another one stopped and cleaned up.
// Run it with `node examples/migrating-a-job.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, defineJob, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

/** Stands for a billing service with a slow API. */
const invoices = new Map<string, string>();
const billing = {
  async create(number: string, customer: string) {
    await setTimeout(2);
    invoices.set(number, customer);
  },
  async remove(number: string) {
    await setTimeout(2);
    invoices.delete(number);
  },
};

const makeInvoices = defineJob({
  type: "make-invoices",
  input: z.strictObject({ month: z.string(), customers: z.array(z.string()) }),
  async run(job) {
    for await (const customer of job.iterate(job.input.customers)) {
      const number = `${job.input.month}/${customer}`;
      await job.journal({ number });
      await billing.create(number, customer);
    }
    return { invoices: job.progress.done };
  },
  async undo(_job, entry: { readonly number: string }) {
    await billing.remove(entry.number);
  },
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
async function open() {
  const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
  const manager = createManager({ store, fileStore, jobs: [makeInvoices] });
  await manager.start();
  return { store, manager };
}

let { store, manager } = await open();

async function details(id: string) {
  const { state, progress, output } = await manager.waitUntil(id, ["paused", "final"]);
  return `${state}, ${progress.done} of ${progress.total} ${progress.unit}, output ${JSON.stringify(output)}`;
}

const customers = Array.from({ length: 500 }, (_, index) => `customer ${index + 1}`);
const may = await manager.submit({ type: "make-invoices", input: { month: "2025-05", customers } });
while (invoices.size < 100) await setTimeout(10);

await manager.pause(may.id, { actor: "dana", reason: "is the tax rate right?" });
console.log(`halt: ${await details(may.id)}`);

await manager.stop();
await store.close();
({ store, manager } = await open());
console.log(`restart: ${await details(may.id)}`);

await manager.resume(may.id, { actor: "dana" });
console.log(`resume: ${await details(may.id)}`);
console.log(`invoices: ${invoices.size}`);

const june = await manager.submit({ type: "make-invoices", input: { month: "2025-06", customers } });
while (invoices.size < 600) await setTimeout(10);

await manager.cancel(june.id, { actor: "dana", reason: "it is still May" });
console.log(`stop and clean: ${await details(june.id)}`);
console.log(`invoices: ${invoices.size}`);

await manager.stop();
await store.close();
await rm(directory, { recursive: true });
