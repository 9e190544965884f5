// A program that commits batches of rows to a PostgreSQL target as fast as it can, as one attempt of a job: to be killed
// or frozen at any moment. Its arguments are the database and the attempt's token.
import pg from "pg";
import { postgresTarget } from "../../src/stores/postgres/index.ts";

const [connectionString, token] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: 1 });
pool.on("error", () => {});
const target = postgresTarget(pool);
const fence = { jobId: "job-1", run: 1, phase: "forward", token: Number(token) } as const;

try {
  let { seq, cursor } = await target.enter(fence);
  console.log("entered");
  for (;;) {
    const batch = Number(cursor ?? 0);
    const next = { seq: seq + 1, cursor: batch + 1 };
    // Two statements, so that half a batch would show.
    await target.commit(fence, { expectedSeq: seq, next }, async (tx) => {
      await tx.query("INSERT INTO item VALUES ($1, 'first')", [batch]);
      await tx.query("INSERT INTO item VALUES ($1, 'second')", [batch]);
    });
    ({ seq, cursor } = next);
  }
} catch (error) {
  console.log(`refused: ${error instanceof Error ? error.name : error}`);
}
await pool.end();
