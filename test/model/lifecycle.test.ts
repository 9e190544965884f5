// Random runs of everything that moves jobs, judged by a model of the lifecycle that was written by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed } from "../support/random.ts";
import { runModel } from "./runs.ts";

/** No fewer than there are visits: then each transition and each refusal is met for certain. */
const RUNS = 500;

/** Only ends what hangs: on a slow machine this takes minutes. */
const TIMEOUT_MS = 1_200_000;

test("whatever is asked of jobs, and whatever befalls them, they go where the model says", {
  timeout: TIMEOUT_MS,
}, async (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed} repeats this run`);
  const runs = Number(process.env.MODEL_RUNS ?? RUNS);
  const started = performance.now();
  const { coverage, failures } = await runModel({ seed, runs });
  if (failures.length > 0) assert.fail(failures.join("\n"));
  const seconds = Math.round((performance.now() - started) / 1_000);
  const counts = coverage.counts();
  const missed = [...counts].filter(([, times]) => times === 0).map(([name]) => name);
  const met = `${counts.size - missed.length} of ${counts.size} transitions, refusals and circumstances`;
  t.diagnostic(`${runs} runs, ${seconds} s: ${met} met`);
  if (runs >= RUNS) assert.deepEqual(missed, []);
});
