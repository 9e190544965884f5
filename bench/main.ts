// `npm run bench [-- W1 W9]`: measures Pawl beside the raw limits of the same machine, in one run.
import { compare } from "./measure.ts";
import { sqliteVersion } from "./raw-sqlite.ts";
import { printHead, printResult } from "./report.ts";
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

const wanted = process.argv.slice(2).map((name) => name.toUpperCase());
const unknown = wanted.filter((name) => !(name in WORKLOADS));
if (unknown.length > 0) {
  console.error(`Unknown workload: ${unknown.join(", ")}. Known: ${Object.keys(WORKLOADS).join(", ")}.`);
  process.exit(2);
}

printHead(sqliteVersion());
for (const [name, comparisons] of Object.entries(WORKLOADS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (comparisons.length === 0)
    console.log(`${name} SKIPPED: it needs the load generator wrk (Debian: apt-get install wrk)`);
  for (const comparison of comparisons) printResult(await compare(comparison));
}
