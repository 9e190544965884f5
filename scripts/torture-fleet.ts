// Runs a fleet of two servers and three workers, each in a network namespace of its own as a machine would be, under load,
// while processes are killed and frozen, lines fall silent and the database restarts; then says which promises were broken.
// Usage: node scripts/torture-fleet.ts [faults, default 60]; SEED repeats a run. Linux, as root, with iproute2.
import { spawnSync } from "node:child_process";
import { openNamespaceSite } from "../test/support/fleet/namespace-site.ts";
import { LEASE_MS, runFleet } from "../test/support/fleet/run-fleet.ts";
import { chooseSeed, createRandom } from "../test/support/random.ts";

const MACHINES = ["server 1", "server 2", "worker 1", "worker 2", "worker 3"];
const SERVERS = 2;
/** About how long an import runs for each fault: it is paused, or lost, for as long again. */
const FAULT_SECONDS = 2.5;
const RATE = 60;
/** What is said to have entered the namespace. */
const INSIDE = "PAWL_TORTURE_INSIDE";

if (process.env[INSIDE] === undefined) {
  // In a network and a mount namespace of this run: no address of this host is touched, and nothing is left behind.
  const again = [process.execPath, ...process.argv.slice(1)];
  const entered = spawnSync("unshare", ["--net", "--mount", "--", ...again], {
    stdio: "inherit",
    env: { ...process.env, [INSIDE]: "yes" },
  });
  process.exit(entered.status ?? 1);
}

const faults = Number(process.argv[2] ?? 60);
const seed = chooseSeed();
const ends: (() => unknown)[] = [];
const ending = { after: (end: () => unknown) => void ends.push(end) };
console.log(`SEED=${seed}, ${faults} faults, leases of ${LEASE_MS} ms, ${MACHINES.join(", ")}`);
try {
  const site = await openNamespaceSite(ending, MACHINES);
  const result = await runFleet(ending, {
    site,
    random: createRandom(seed),
    servers: SERVERS,
    faults,
    imports: 6,
    rows: faults * FAULT_SECONDS * RATE,
    ratePerSecond: RATE,
  });
  report(result);
} finally {
  for (const end of ends.toReversed()) await end();
}

function report(result: Awaited<ReturnType<typeof runFleet>>): void {
  const kinds = Map.groupBy(result.faults, ({ kind }) => kind);
  for (const [kind, committed] of kinds) console.log(`  ${String(committed.length).padStart(3)} x ${kind}`);
  const sorted = result.recoveriesMs.toSorted((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)];
  console.log(
    `${result.jobs} jobs and ${result.requests} requests were acknowledged, ${result.writes} writes of attempts watched`,
  );
  console.log(`${result.broken.length} promises broken (lost, doubled, not honoured, not ended)`);
  console.log(
    `${result.stale.length} stale writes accepted; refused: ${result.refused.byProcess} by the process, ${result.refused.byDatabase} by the database`,
  );
  console.log(
    `after a kill the first job was given back within ${median} ms (median), ${sorted.at(-1)} ms (most) of ${sorted.length}`,
  );
  for (const line of [...result.broken, ...result.stale.map(({ id, what }) => `stale: job ${id}: ${what}`)])
    console.log(`  ${line}`);
  const refused = result.refused.byProcess + result.refused.byDatabase;
  if (result.broken.length > 0 || result.stale.length > 0 || refused === 0) process.exitCode = 1;
}
