// `npm run bench [-- W1 W9] [-- --store postgres] [-- --peers] [-- --quick]`: measures Pawl beside the raw limits of the same
// machine, and beside other programs, in one run. `npm run bench -- simulation` prints what a simulated fleet does.
import { createBench, versionOf } from "./backend.ts";
import { endGrowth } from "./growth.ts";
import { compare } from "./measure.ts";
import { optionsOf, USAGE } from "./options.ts";
import { graphileWorker } from "./peers/graphile-worker.ts";
import { installPeers } from "./peers/install.ts";
import { pgBoss } from "./peers/pg-boss.ts";
import { stopPostgres } from "./postgres.ts";
import { printColumns, printHead, printResult, printRows } from "./report.ts";
import { printTable } from "./sharding/table.ts";
import { w1 } from "./workloads/w1-submit.ts";
import { w2 } from "./workloads/w2-drain.ts";
import { w3 } from "./workloads/w3-start.ts";
import { w4 } from "./workloads/w4-cancel.ts";
import { w5 } from "./workloads/w5-pause.ts";
import { w6 } from "./workloads/w6-checkpoint.ts";
import { w7 } from "./workloads/w7-weight.ts";
import { w8 } from "./workloads/w8-recovery.ts";
import { w9 } from "./workloads/w9-import.ts";
import { w10 } from "./workloads/w10-http.ts";
import { w11 } from "./workloads/w11-growth.ts";

const WORKLOADS = { W1: w1, W2: w2, W3: w3, W4: w4, W5: w5, W6: w6, W7: w7, W8: w8, W9: w9, W10: w10, W11: w11 };

const SEED = 1;

const options = optionsOf(process.argv.slice(2), [...Object.keys(WORKLOADS), "SIMULATION"]);
if (typeof options === "string") {
  console.error(`${options}\n${USAGE}`);
  process.exit(2);
}

if (options.names.includes("SIMULATION")) {
  printTable(SEED);
  process.exit(0);
}

if (options.peers) installPeers();
const bench = createBench({ ...options, peers: options.peers ? [pgBoss, graphileWorker] : [] });
try {
  printHead([await versionOf(options.store), ...bench.peers.map(({ name }) => name)]);
  if (!options.markdown) printColumns();
  for (const [name, comparisonsOf] of Object.entries(WORKLOADS)) {
    if (options.names.length > 0 && !options.names.includes(name)) continue;
    const comparisons = comparisonsOf(bench);
    if (comparisons.length === 0)
      console.log(`${name} SKIPPED: it needs the load generator wrk (Debian: apt-get install wrk)`);
    const print = options.markdown ? printRows : printResult;
    for (const comparison of comparisons) print(await compare(comparison));
  }
} finally {
  await endGrowth();
  await stopPostgres();
}
