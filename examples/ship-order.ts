// Steps: what was done once is not done again, although the job fails in between.
// Run it with `node examples/ship-order.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, defineJob, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

/** Stands for a payment service and a label printer. */
const shop = {
  paper: false,
  charges: 0,
  async charge(cents: number) {
    this.charges += 1;
    console.log(`charging ${cents / 100} EUR`);
    return { receipt: `R-${this.charges}` };
  },
  async print(receipt: string) {
    if (!this.paper) {
      this.paper = true;
      throw new Error("the printer is out of paper");
    }
    console.log(`printing the label for ${receipt}`);
  },
};

const shipOrder = defineJob({
  type: "ship-order",
  input: z.strictObject({ order: z.string(), cents: z.int() }),
  retry: { attempts: 3, backoff: { kind: "fixed", baseMs: 100, maxMs: 100 } },
  async run(job) {
    const { receipt } = await job.step("charge", () => shop.charge(job.input.cents));
    await job.step("print label", () => shop.print(receipt));
    return { receipt };
  },
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({ store, fileStore, jobs: [shipOrder] });
await manager.start();

const { id } = await manager.submit({ type: "ship-order", input: { order: "A-17", cents: 2_995 } });
const done = await manager.waitUntil(id, "final");
for (const { kind, data } of await manager.history(id)) {
  if (kind === "fail") console.log(`one attempt failed: ${Object(data).message}`);
}
console.log(`${done.state} in attempt ${done.attempt}, after ${shop.charges} charge`);

await manager.stop();
await store.close();
await rm(directory, { recursive: true });
