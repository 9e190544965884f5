// Random runs of everything that moves jobs, judged by a model of the lifecycle that was written by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed } from "../support/random.ts";
import { createCoverage } from "./coverage.ts";
import { runModel } from "./runs.ts";

const RUNS = 500;
/**
 * The rarest move is met about four times in 500 runs, so that one in fifty rounds meets it never: then the runs go on, this
 * many at a time and at most so often, until everything was met.
 */
const MORE = { runs: 250, times: 4 };

test("whatever is asked of jobs, and whatever befalls them, they go where the model says", async (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed} repeats this run`);
  const runs = Number(process.env.MODEL_RUNS ?? RUNS);
  const started = performance.now();
  const coverage = createCoverage();
  const missed = () => [...coverage.counts()].filter(([, times]) => times === 0).map(([name]) => name);
  let done = 0;
  const run = async (more: number) => {
    const { failures } = await runModel({ seed: seed + done, runs: more, coverage });
    if (failures.length > 0) assert.fail(failures.join("\n"));
    done += more;
  };
  await run(runs);
  for (let time = 0; runs >= RUNS && missed().length > 0 && time < MORE.times; time++) await run(MORE.runs);
  const all = coverage.counts().size;
  const seconds = Math.round((performance.now() - started) / 1_000);
  t.diagnostic(
    `${done} runs, ${seconds} s: ${all - missed().length} of ${all} transitions, refusals and circumstances met`,
  );
  if (runs >= RUNS) assert.deepEqual(missed(), []);
});
