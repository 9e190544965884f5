// The engine and the model side by side: whatever is done is done to both, and they are compared each time.
import assert from "node:assert/strict";
import { type Action, type Manager, PawlError } from "../../src/index.ts";
import { compare, puppetOf } from "./comparison.ts";
import type { Coverage } from "./coverage.ts";
import { allowedActions, idOf, isUnfinished, type ModelJob, note } from "./model.ts";
import { DRAIN_MS, type EngineProcess, LEASE_MS, STEP_MS, startProcess } from "./process.ts";
import type { Order, StepCounts } from "./puppets.ts";
import {
  addSchedule,
  ask,
  crash,
  createWorld,
  drain,
  endDrain,
  isStale,
  keyHolder,
  loseLease,
  type ModelAttempt,
  type ModelSchedule,
  type NewModelJob,
  type NewModelSchedule,
  obey,
  obeyDraining,
  pass,
  pauseSchedule,
  queueOf,
  SCHEDULE_PRIORITY,
  SCHEDULE_QUEUE,
  settle,
  submit,
  type World,
} from "./world.ts";

export interface AskedOptions {
  readonly rollback?: boolean;
  readonly fromStart?: boolean;
  readonly requestId?: string;
}

/** What an attempt does while its process stops; `deaf`: nothing, until the process is gone. */
export type Farewell = "yield" | "succeed" | "fail" | "deaf";

export interface Trial {
  readonly world: World;
  readonly manager: Manager;
  readonly coverage: Coverage;
  /** Answers `null` when the key was taken. */
  submit(given: NewModelJob): Promise<ModelJob | null>;
  ask(job: ModelJob, action: Action, options?: AskedOptions): Promise<void>;
  order(attempt: ModelAttempt, order: Order, options?: { readonly stubborn?: boolean }): Promise<void>;
  pass(ms: number): Promise<void>;
  loseLease(): Promise<void>;
  crash(downMs: number): Promise<void>;
  restart(farewells: readonly Farewell[]): Promise<void>;
  edit(job: ModelJob, change: { readonly priority?: number; readonly delayMs?: number }): Promise<void>;
  remove(job: ModelJob, options: { readonly force: boolean }): Promise<void>;
  setQueue(name: string, change: { readonly paused?: boolean; readonly concurrency?: number | null }): Promise<void>;
  addSchedule(given: NewModelSchedule): Promise<void>;
  pauseSchedule(schedule: ModelSchedule, paused: boolean): Promise<void>;
  removeSchedule(schedule: ModelSchedule): Promise<void>;
  compare(): Promise<void>;
  /** Ends the present process, whatever it is in. */
  abandon(): Promise<void>;
}

export interface TrialOptions {
  readonly folder: string;
  readonly startAt: number;
  readonly coverage: Coverage;
}

const JUMP_MS = LEASE_MS * 1.2;

export async function startTrial({ folder, startAt, coverage }: TrialOptions): Promise<Trial> {
  const work: StepCounts = new Map();
  const world = createWorld(startAt);
  let engine: EngineProcess = await startProcess({ folder, startAt, work });
  const check = () => compare({ world, engine, work });
  const start = async (startAt: number) => {
    engine = await startProcess({ folder, startAt, work });
  };
  const passStep = async (ms: number) => {
    await engine.advance(ms);
    pass(world, ms);
    await check();
  };
  return {
    world,
    coverage,
    get manager() {
      return engine.manager;
    },
    compare: check,
    async submit(given) {
      const holder = keyHolder(world, given.key ?? null);
      const answer = await outcomeOf(engine.manager.submit(requestOf(given, world.now)));
      const job = submit(world, given);
      if (job === null) assert.deepEqual(answer, { refused: "key_taken", holder: holder?.id });
      else {
        assert.ok("value" in answer, JSON.stringify(answer));
        assert.equal(answer.value.state, "queued");
        job.id = answer.value.id;
      }
      await check();
      return job;
    },
    async ask(job, action, options = {}) {
      await askBoth({ world, engine, coverage }, job, action, options);
      await check();
    },
    async order(attempt, order, { stubborn = false } = {}) {
      puppetOf(engine, world, attempt).give(order, { stubborn });
      obey(world, attempt, order, stubborn);
      await check();
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) await passStep(Math.min(left, STEP_MS));
    },
    async loseLease() {
      // Nobody can tell what comes first in a jump: an attempt that is shown as abandoned, or the end of its lease.
      while (world.attempts.some(({ overdueAt }) => overdueAt.some((at) => at > world.now))) await passStep(STEP_MS);
      await engine.advance(JUMP_MS);
      loseLease(world, JUMP_MS);
      await check();
    },
    async crash(downMs) {
      await engine.kill();
      await start(world.now + downMs);
      crash(world, downMs);
      await check();
    },
    async restart(farewells) {
      const stopping = await engine.beginStop();
      drain(world);
      await check();
      for (const [index, attempt] of [...world.attempts].entries()) {
        const farewell = isStale(attempt) ? "succeed" : (farewells[index % farewells.length] ?? "yield");
        if (farewell === "deaf") continue;
        puppetOf(engine, world, attempt).give({ kind: farewell });
        obeyDraining(world, attempt, { kind: farewell });
        await check();
      }
      if (world.attempts.length > 0) {
        await engine.advance(DRAIN_MS);
        endDrain(world, DRAIN_MS);
      }
      await check();
      await stopping.end();
      await start(world.now);
      crash(world, 0);
      await check();
    },
    async edit(job, change) {
      const isEditable = job.state === "queued" || job.state === "paused";
      const answer = await outcomeOf(engine.manager.edit(idOf(job), editOf(change, world.now)));
      assert.equal("value" in answer ? "edited" : answer.refused, isEditable ? "edited" : "action_not_allowed");
      if (isEditable) {
        job.priority = change.priority ?? job.priority;
        if (change.delayMs !== undefined) job.availableAt = world.now + change.delayMs;
        note(job, "edit");
        settle(world);
      }
      await check();
    },
    async remove(job, { force }) {
      const isRemovable = !isUnfinished(job) && (force || job.state !== "rollback_failed");
      const answer = await outcomeOf(engine.manager.remove(idOf(job), { force }));
      assert.equal("value" in answer ? "removed" : answer.refused, isRemovable ? "removed" : "action_not_allowed");
      if (isRemovable) {
        world.jobs = world.jobs.filter((other) => other !== job);
        assert.equal(await engine.manager.get(idOf(job)), null);
        const later = await outcomeOf(engine.manager.pause(idOf(job)));
        assert.equal("refused" in later && later.refused, "job_not_found");
      }
      await check();
    },
    async setQueue(name, { paused, concurrency }) {
      const { queues } = engine.manager;
      const queue = queueOf(world, name);
      if (paused !== undefined) await (paused ? queues.pause(name) : queues.resume(name));
      if (concurrency !== undefined) await queues.edit(name, { concurrency });
      queue.paused = paused ?? queue.paused;
      queue.concurrency = concurrency === undefined ? queue.concurrency : concurrency;
      settle(world);
      await check();
    },
    async addSchedule(given) {
      await engine.manager.schedules.create({
        name: given.name,
        cron: `*/${given.everyMs / 1_000} * * * * *`,
        type: "tick",
        input: {},
        queue: SCHEDULE_QUEUE,
        priority: SCHEDULE_PRIORITY,
        overlap: given.overlap,
        missed: given.missed,
      });
      addSchedule(world, given);
      await check();
    },
    async pauseSchedule(schedule, paused) {
      await engine.manager.schedules.edit(schedule.name, { paused });
      pauseSchedule(schedule, paused, world.now);
      settle(world);
      await check();
    },
    async removeSchedule(schedule) {
      await engine.manager.schedules.remove(schedule.name);
      world.schedules.delete(schedule.name);
      await check();
    },
    abandon: () => engine.kill(),
  };
}

const isoAfter = (now: number, delayMs: number): string => new Date(now + delayMs).toISOString();

function requestOf({ kind, delayMs, ...request }: NewModelJob, now: number) {
  return { type: kind, input: {}, ...request, ...(delayMs !== undefined && { availableAt: isoAfter(now, delayMs) }) };
}

function editOf({ priority, delayMs }: { readonly priority?: number; readonly delayMs?: number }, now: number) {
  return {
    ...(priority !== undefined && { priority }),
    ...(delayMs !== undefined && { availableAt: isoAfter(now, delayMs) }),
  };
}

interface Refusal {
  readonly refused: string;
  readonly holder?: string;
  readonly state?: string;
  readonly allowedActions?: readonly Action[];
}

async function outcomeOf<T>(answer: Promise<T>): Promise<{ readonly value: T } | Refusal> {
  try {
    return { value: await answer };
  } catch (error) {
    if (!(error instanceof PawlError)) throw error;
    const { holder, state, allowedActions } = error.extras;
    return { refused: error.code, ...(holder && { holder }), ...(state && { state, allowedActions }) };
  }
}

type Parties = { readonly world: World; readonly engine: EngineProcess; readonly coverage: Coverage };

async function askBoth(
  { world, engine, coverage }: Parties,
  job: ModelJob,
  action: Action,
  options: AskedOptions,
): Promise<void> {
  const { phase, state } = job;
  const isReplay = options.requestId !== undefined && job.answers.has(options.requestId);
  const holder = keyHolder(world, job.key);
  const { rollback, fromStart, requestId } = options;
  const from = fromStart ? "start" : "checkpoint";
  const answer = await outcomeOf(engine.manager[action](idOf(job), { rollback, from, requestId }));
  const expected = ask(world, job, action, options);
  const said = `${action} at ${phase}.${state}`;
  if (expected.verdict === "requested" || expected.verdict === "already") {
    assert.ok("value" in answer, `${said}: ${JSON.stringify(answer)}`);
    assert.deepEqual([answer.value.outcome, answer.value.job.state], [expected.verdict, expected.state], said);
  } else if (expected.verdict === "key_taken") {
    assert.deepEqual(answer, { refused: "key_taken", holder: holder?.id }, said);
  } else {
    assert.deepEqual(answer, { refused: "action_not_allowed", state, allowedActions: allowedActions(job) }, said);
  }
  if (!isReplay && (expected.verdict === "already" || expected.verdict === "refused")) {
    coverage.notGranted({ phase, state }, action);
  }
}
