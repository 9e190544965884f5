// Kills a server N times (default 100) for each crash scenario and says how many of them broke a promise.
// Usage: node scripts/torture-kills.ts [kills]; SEED repeats a run.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  exportUnderKills,
  type Hits,
  importUnderKills,
  rollbackUnderKills,
  type Scenario,
} from "../test/support/kill-scenarios.ts";
import { chooseSeed, createRandom } from "../test/support/random.ts";
import { teamsUnderKills } from "../test/support/team-kills.ts";

const KILLS_A_ROUND = 10;
const kills = Number(process.argv[2] ?? 100);
const seed = chooseSeed();

const SCENARIOS = [
  { promise: "each row exactly once, in order", run: importUnderKills, rows: 100_000 },
  { promise: "nothing of a cancelled import, everything of the others", run: rollbackUnderKills, rows: 100_000 },
  { promise: "the export is the same byte by byte", run: exportUnderKills, rows: 1_000_000 },
  { promise: "none of the teams of a cancelled job, all of another's", run: teamsUnderKills, rows: 10_000 },
  {
    promise: "the export as Parquet is the same byte by byte",
    run: (scenario: Scenario) => exportUnderKills({ ...scenario, format: "parquet" }),
    rows: 1_000_000,
  },
];

console.log(`SEED=${seed}, ${kills} kills a scenario, ${KILLS_A_ROUND} a round`);
for (const scenario of SCENARIOS) {
  const started = performance.now();
  let broken = 0;
  const hits = { forward: 0, rollback: 0 };
  for (let round = 0; round * KILLS_A_ROUND < kills; round++) {
    const hit = await runRound(scenario, round);
    broken += hit === null ? 1 : 0;
    hits.forward += hit?.forward ?? 0;
    hits.rollback += hit?.rollback ?? 0;
  }
  const seconds = Math.round((performance.now() - started) / 1_000);
  console.log(`${broken} of ${kills} kills broke: ${scenario.promise}`);
  console.log(
    `  ${scenario.rows} rows, ${seconds} s; attempts ended by a kill: ${hits.forward} forward, ${hits.rollback} in rollback`,
  );
  if (broken > 0) process.exitCode = 1;
}

/** Answers which attempts the kills ended, or `null` when a promise was broken. */
async function runRound({ run, rows }: (typeof SCENARIOS)[number], round: number): Promise<Hits | null> {
  const folder = await mkdtemp(path.join(tmpdir(), "pawl-torture-"));
  const scenario: Scenario = {
    folder,
    rows,
    random: createRandom(seed + round),
    kills: Math.min(KILLS_A_ROUND, kills - round * KILLS_A_ROUND),
  };
  try {
    return await run(scenario);
  } catch (error) {
    console.error(`round ${round} (SEED=${seed + round}):`, error);
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
