// Compares what the engine shows with what the model believes.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { JobRecord } from "../../src/domain/job.ts";
import type { JobSummary, Json, Schedule } from "../../src/index.ts";
import { allowedActions, idOf, type ModelJob } from "./model.ts";
import type { EngineProcess } from "./process.ts";
import { type Puppet, type StepCounts, stepCountOf } from "./puppets.ts";
import { isStale, type ModelAttempt, type ModelSchedule, undoesEntry, type World } from "./world.ts";

export interface Parties {
  readonly world: World;
  readonly engine: EngineProcess;
  readonly work: StepCounts;
}

/** At rest nothing changes any more; this is for what is not seen to be under way, such as files. */
const AGAIN_MS = 20;
/** Not a time: a machine that stands still looks no more often meanwhile. */
const TRIES = 50;

export async function compare(parties: Parties): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await parties.engine.rest();
    try {
      return await compareNow(parties);
    } catch (error) {
      if (tries === TRIES) throw error;
    }
    await sleep(AGAIN_MS);
  }
}

async function compareNow({ world, engine, work }: Parties): Promise<void> {
  const { manager, store } = engine;
  assert.equal(engine.now(), world.now);
  const { items } = await manager.list({ order: "oldest", limit: 200 });
  bindFirings(world, items);
  const known = world.jobs.map(idOf);
  assert.deepEqual(items.map(({ id }) => id).sort(), [...known].sort());
  const summaries = new Map(items.map((item) => [item.id, item]));
  const records = new Map((await store.jobs.get(known)).map((record) => [record.id, record]));
  for (const job of world.jobs) {
    assert.deepEqual(seenOf(job, summaries.get(idOf(job)), records.get(idOf(job))), believedOf(job));
  }
  compareHandlers(world, engine);
  compareSteps(world, work);
  if (world.schedules.size > 0) compareSchedules(world, await manager.schedules.list());
}

/** Learns the ids of jobs that schedules submitted. */
function bindFirings(world: World, items: readonly JobSummary[]): void {
  for (const job of world.jobs) {
    if (job.id !== null || !job.firing) continue;
    const { schedule, at } = job.firing;
    const fireAt = new Date(at).toISOString();
    const found = items.filter(({ labels }) => labels.schedule === schedule && labels.fireAt === fireAt);
    assert.equal(found.length, 1, `jobs of schedule ${schedule} for ${fireAt}`);
    job.id = found[0]?.id ?? null;
  }
}

const believedOf = (job: ModelJob) => ({
  job: job.order,
  place: `${job.phase}.${job.state}`,
  run: job.run,
  token: job.token,
  attempt: job.attempt,
  crashCount: job.crashCount,
  seq: job.seq,
  cursor: job.cursor,
  key: job.key,
  priority: job.priority,
  availableAt: new Date(job.availableAt).toISOString(),
  abandoned: job.abandoned,
  lastAction: job.lastAction,
  allowedActions: allowedActions(job),
});

function seenOf(job: ModelJob, summary: JobSummary | undefined, record: JobRecord | undefined) {
  assert.ok(summary && record, `job ${job.order} is there`);
  assert.equal(record.state, summary.state);
  return {
    job: job.order,
    place: `${summary.phase}.${summary.state}`,
    run: record.run,
    token: record.token,
    attempt: summary.attempt,
    crashCount: summary.crashCount,
    seq: summary.checkpoint.seq,
    cursor: ownCursor(record.checkpoint.cursor),
    key: summary.key,
    priority: summary.priority,
    availableAt: summary.availableAt,
    abandoned: summary.abandoned,
    lastAction: summary.control?.action ?? null,
    allowedActions: summary.allowedActions,
  };
}

/** What the handler said at its last checkpoint, out of what the store keeps of it. */
function ownCursor(cursor: Json): Json {
  return cursor !== null && typeof cursor === "object" && "own" in cursor ? cursor.own : null;
}

/** Who runs, and where each handler stands. */
function compareHandlers(world: World, engine: EngineProcess): void {
  const running = engine.stage.puppets().map(({ jobId }) => jobId);
  assert.deepEqual(running.sort(), world.attempts.map(({ job }) => idOf(job)).sort(), "handlers that run");
  for (const attempt of world.attempts) {
    if (isStale(attempt)) continue;
    const { job } = attempt;
    const { context, entry } = puppetOf(engine, world, attempt);
    const stands = { cursor: context.cursor, run: context.run, attempt: context.attempt, phase: context.phase, entry };
    const { cursor, run, phase } = job;
    const undoes = undoesEntry(job) ? (job.journal.at(-1) ?? null) : null;
    assert.deepEqual(
      stands,
      { cursor, run, attempt: job.attempt, phase, entry: undoes },
      `handler of job ${job.order}`,
    );
  }
}

function compareSteps(world: World, work: StepCounts): void {
  for (const job of world.jobs) {
    for (const [step, times] of job.worked) {
      assert.equal(work.get(stepCountOf(idOf(job), step)), times, `job ${job.order} did step ${step}`);
    }
  }
}

function compareSchedules(world: World, shown: readonly Schedule[]): void {
  const seen = shown.map(({ name, nextAt, paused, last }) => ({
    name,
    paused,
    nextAt,
    last: last && { at: last.fireAt, outcome: last.outcome, jobId: last.jobId },
  }));
  const believed = [...world.schedules.values()].map(believedOfSchedule).sort((a, b) => (a.name < b.name ? -1 : 1));
  assert.deepEqual(seen, believed);
}

function believedOfSchedule({ name, paused, nextAt, last }: ModelSchedule) {
  return {
    name,
    paused,
    nextAt: nextAt === null ? null : new Date(nextAt).toISOString(),
    last: last && { at: new Date(last.at).toISOString(), outcome: last.outcome, jobId: last.job?.id ?? null },
  };
}

/** The handler of an attempt: those of one job began in the order of its attempts. */
export function puppetOf(engine: EngineProcess, world: World, attempt: ModelAttempt): Puppet {
  const place = world.attempts.filter(({ job }) => job === attempt.job).indexOf(attempt);
  const puppet = engine.stage.puppets().filter(({ jobId }) => jobId === attempt.job.id)[place];
  if (!puppet) throw new Error(`There is no handler for attempt ${place + 1} of job ${attempt.job.order}.`);
  return puppet;
}
