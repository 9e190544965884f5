// The end of a run: once nobody disturbs it any more, every job ends, and what it left tells the whole story.
import assert from "node:assert/strict";
import type { HistoryEntry } from "../../src/index.ts";
import { idOf, isUnfinished, type ModelJob } from "./model.ts";
import type { Trial } from "./trial.ts";
import { holderOf, isStale } from "./world.ts";

/** Far more than any run needs. */
const MOST_ROUNDS = 100;

/** Lets everything end, checks what is left, and deletes it: the next run finds nothing. */
export async function finish(trial: Trial): Promise<void> {
  const { world } = trial;
  for (const schedule of [...world.schedules.values()]) await trial.removeSchedule(schedule);
  await compareQueues(trial);
  for (const name of world.queues.keys()) await trial.setQueue(name, { paused: false, concurrency: null });
  for (let round = 0; world.jobs.some(isUnfinished); round++) {
    assert.ok(round < MOST_ROUNDS, "every job ends once nobody disturbs it");
    await endSomething(trial);
  }
  for (const attempt of world.attempts) await trial.order(attempt, { kind: "succeed" });
  await compareFigures(trial);
  for (const job of world.jobs) await checkHistory(trial, job);
  for (const job of world.jobs) await trial.remove(job, { force: true });
  world.queues.clear();
}

async function endSomething(trial: Trial): Promise<void> {
  const { world } = trial;
  for (const attempt of world.attempts.filter((one) => isStale(one) || one.yields)) {
    if (isStale(attempt)) await trial.order(attempt, { kind: "succeed" });
    else await trial.ask(attempt.job, attempt.job.phase === "forward" ? "cancel" : "terminate");
  }
  for (const job of world.jobs) {
    const holder = holderOf(world, job);
    if (holder && !holder.yields) await trial.order(holder, { kind: "succeed" });
    else if (job.state === "paused") await trial.ask(job, "resume");
    else if (job.state === "queued" && job.availableAt > world.now) await trial.edit(job, { delayMs: 0 });
  }
}

async function compareQueues({ world, manager }: Trial): Promise<void> {
  const shown = new Map((await manager.queues.list()).map((queue) => [queue.name, queue]));
  for (const [name, { paused, concurrency }] of world.queues) {
    const queue = shown.get(name);
    assert.deepEqual([queue?.paused !== null, queue?.concurrency], [paused, concurrency], `queue ${name}`);
  }
  for (const { name, waiting, running, pausedJobs } of shown.values()) {
    const jobs = world.jobs.filter((job) => job.queue === name && isUnfinished(job));
    const queued = jobs.filter(({ state }) => state === "queued").length;
    const paused = jobs.filter(({ state }) => state === "paused").length;
    const believed = { waiting: queued, running: jobs.length - queued - paused, pausedJobs: paused };
    assert.deepEqual({ waiting, running, pausedJobs }, believed, `jobs of queue ${name}`);
  }
}

async function compareFigures({ world, manager }: Trial): Promise<void> {
  const { states, oldestWaiting } = await manager.stats();
  for (const [state, count] of Object.entries(states)) {
    assert.equal(count, world.jobs.filter((job) => job.state === state).length, `jobs that are ${state}`);
  }
  assert.equal(oldestWaiting, null);
  const workers = await manager.workers();
  assert.deepEqual(
    workers.map(({ running }) => running),
    [0],
    "one worker is alive, and holds nothing",
  );
}

async function checkHistory({ manager, coverage }: Trial, job: ModelJob): Promise<void> {
  const history = await manager.history(idOf(job));
  const about = `history of job ${job.order}`;
  assert.deepEqual(
    history.map(({ kind, state, phase }) => ({ kind, state, phase })),
    job.history,
    about,
  );
  assert.deepEqual(
    history.map(({ seq }) => seq),
    history.map((_, index) => index + 1),
    about,
  );
  checkHonoured(history, about);
  coverage.happened(history);
}

/** No attempt begins against a request that was acknowledged. A rollback is begun by a stop, or by a last failure. */
function checkHonoured(history: readonly HistoryEntry[], about: string): void {
  let holds: "pause" | "stop" | null = null;
  let before = "forward";
  for (const { kind, phase } of history) {
    if (kind === "pause") holds = "pause";
    if (kind === "cancel" || kind === "terminate") holds = "stop";
    if (kind === "resume" || kind === "retry" || kind === "rollback") holds = null;
    if (phase === "rollback" && before === "forward") holds = null;
    if (kind === "claim") assert.equal(holds, null, about);
    before = phase;
  }
}
