// Requests made from the served OpenAPI document, 200,000 by default, each reply judged by the document alone.
// Usage: node scripts/torture-requests.ts [requests]; SEED repeats a run.
import { runRequests } from "../test/hostile/generated/run-requests.ts";
import { openWorld } from "../test/hostile/world.ts";
import { chooseSeed } from "../test/support/random.ts";

const requests = Number(process.argv[2] ?? process.env.REQUESTS ?? 200_000);
const seed = chooseSeed();

console.log(`SEED=${seed}, ${requests} requests`);
const started = performance.now();
const world = await openWorld();
const report = await runRequests(world, { seed, requests });
await world.close();
const seconds = Math.round((performance.now() - started) / 1_000);
for (const failure of report.failures) console.error(failure);

const statuses = [...report.byStatus].sort(([a], [b]) => a - b).map(([status, times]) => `${times} x ${status}`);
const never = [...report.byOperation].filter(([, { successes }]) => successes === 0).map(([id]) => id);
for (const id of never) console.error(`never succeeded: ${id}`);
console.log(`${report.failures.length} of ${report.sent} requests were answered wrongly, ${seconds} s`);
console.log(`  ${statuses.join(", ")}`);
if (report.failures.length > 0 || never.length > 0) process.exitCode = 1;
