// A job that exists if and only if the order does: both are written in one transaction of the program's own PostgreSQL.
// Run it with `DATABASE_URL=postgres://localhost/shop node examples/place-order.ts`. In that database it works in the
// schemas `pawl_example_shop` and `pawl_example_jobs`, which it drops at the end.
import { Pool } from "pg";
import * as z from "zod";
import { createManager, defineJob, PawlError, systemClock } from "../src/index.ts";
import { createPostgresStore } from "../src/stores/postgres/index.ts";

const { DATABASE_URL: url = "postgres://localhost/shop" } = process.env;
const pool = new Pool({ connectionString: url });
pool.on("error", (error) => console.error(`An idle connection broke: ${error.message}`));
await pool.query(`
  DROP SCHEMA IF EXISTS pawl_example_shop CASCADE;
  DROP SCHEMA IF EXISTS pawl_example_jobs CASCADE;
  CREATE SCHEMA pawl_example_shop;
  CREATE TABLE pawl_example_shop.orders (id serial PRIMARY KEY, item text NOT NULL, quantity integer CHECK (quantity < 100))`);

const shipOrder = defineJob({
  type: "ship-order",
  input: z.strictObject({ order: z.int() }),
  run: async (job) => `order ${job.input.order} is on its way`,
});
const restock = defineJob({
  type: "restock",
  input: z.strictObject({ item: z.string() }),
  run: async (job) => `more of ${job.input.item} was ordered`,
});

const store = await createPostgresStore({ url, schema: "pawl_example_jobs", clock: systemClock });
const manager = createManager({ store, fileStore: store.fileStore, jobs: [shipOrder, restock] });
await manager.start();

async function placeOrder(item: string, quantities: readonly number[]): Promise<readonly string[]> {
  const tx = await pool.connect();
  try {
    const ids: string[] = [];
    await tx.query("BEGIN");
    for (const quantity of quantities) {
      const insert = "INSERT INTO pawl_example_shop.orders (item, quantity) VALUES ($1, $2) RETURNING id";
      const { rows } = await tx.query(insert, [item, quantity]);
      const job = await manager.submit({ type: "ship-order", input: { order: rows[0].id } }, { tx });
      ids.push(job.id);
    }
    try {
      await manager.submit(
        { type: "restock", input: { item }, key: `restock ${item}`, availableAt: "2099-01-01T00:00:00Z" },
        { tx },
      );
    } catch (error) {
      if (!(error instanceof PawlError) || error.code !== "key_taken") throw error;
      console.log(`${item}: is restocked already`);
    }
    await tx.query("COMMIT");
    return ids;
  } catch (error) {
    await tx.query("ROLLBACK");
    throw error;
  } finally {
    tx.release();
  }
}

async function report(what: string): Promise<void> {
  const { rows } = await pool.query("SELECT count(*)::int AS orders FROM pawl_example_shop.orders");
  const { items } = await manager.list();
  console.log(`${what}: ${rows[0].orders} orders, ${items.length} jobs`);
}

await placeOrder("teapots", [3, 500]).catch((error: Error) => console.log(error.message));
await report("rolled back");

const ids = await placeOrder("teapots", [3, 5]);
await report("committed");
for (const id of ids) console.log((await manager.waitUntil(id, "succeeded")).output);

await placeOrder("teapots", [1]);
await report("committed");

await manager.stop();
await store.close();
await pool.query("DROP SCHEMA pawl_example_shop CASCADE; DROP SCHEMA pawl_example_jobs CASCADE");
await pool.end();
