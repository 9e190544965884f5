// Random runs of the engine against the model of the lifecycle, 5,000 by default, and how much of it they met.
// Usage: node scripts/torture-model.ts [runs]; SEED repeats a run.
import { runModel } from "../test/model/runs.ts";
import { chooseSeed } from "../test/support/random.ts";

const runs = Number(process.argv[2] ?? 5_000);
const seed = chooseSeed();

console.log(`SEED=${seed}, ${runs} runs`);
const started = performance.now();
const report = await runModel({ seed, runs });
const seconds = Math.round((performance.now() - started) / 1_000);
for (const failure of report.failures) console.error(failure);

const counts = [...report.coverage.counts()].sort((a, b) => a[1] - b[1]);
const missed = counts.filter(([, times]) => times === 0);
for (const [name] of missed) console.error(`never met: ${name}`);
const [rarest = "", times = 0] = counts[0] ?? [];
console.log(`${report.failures.length} of ${report.runs} runs left the model, ${seconds} s`);
console.log(
  `  ${counts.length - missed.length} of ${counts.length} transitions, refusals and circumstances met; the rarest ${times} times: ${rarest}`,
);
if (report.failures.length > 0 || missed.length > 0) process.exitCode = 1;
