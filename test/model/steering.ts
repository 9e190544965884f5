// What people and programs do through the public API, done to the engine and to the model; their answers are compared.
import assert from "node:assert/strict";
import { type Action, PawlError } from "../../src/index.ts";
import { ask, submit } from "./events.ts";
import { allowedActions, idOf, isUnfinished, type ModelJob, note } from "./model.ts";
import { addSchedule, pauseSchedule, SCHEDULE_PRIORITY, SCHEDULE_QUEUE, settle } from "./settling.ts";
import type { AskedOptions, Sides, Steering } from "./sides.ts";
import { keyHolder, type NewModelJob, queueOf } from "./world.ts";

export function createSteering(sides: Sides): Steering {
  const compared =
    <Args extends readonly unknown[], R>(act: (sides: Sides, ...args: Args) => Promise<R>) =>
    async (...args: Args): Promise<R> => {
      const result = await act(sides, ...args);
      await sides.compare();
      return result;
    };
  return {
    submit: compared(submitBoth),
    ask: compared(askBoth),
    edit: compared(editBoth),
    remove: compared(removeBoth),
    setQueue: compared(setQueueBoth),
    addSchedule: compared(addScheduleBoth),
    pauseSchedule: compared(async ({ world, engine }, schedule, paused: boolean) => {
      await engine.manager.schedules.edit(schedule.name, { paused });
      pauseSchedule(schedule, paused, world.now);
      settle(world);
    }),
    removeSchedule: compared(async ({ world, engine }, { name }) => {
      await engine.manager.schedules.remove(name);
      world.schedules.delete(name);
    }),
  };
}

type Given<Method extends keyof Steering> = Parameters<Steering[Method]>;

async function submitBoth({ world, engine }: Sides, given: NewModelJob): Promise<ModelJob | null> {
  const holder = keyHolder(world, given.key ?? null);
  const answer = await outcomeOf(engine.manager.submit(requestOf(given, world.now)));
  const job = submit(world, given);
  if (job === null) assert.deepEqual(answer, { refused: "key_taken", holder: holder?.id });
  else {
    assert.ok("value" in answer, JSON.stringify(answer));
    assert.equal(answer.value.state, "queued");
    job.id = answer.value.id;
  }
  return job;
}

const isoAfter = (now: number, delayMs: number): string => new Date(now + delayMs).toISOString();

function requestOf({ kind, delayMs, ...request }: NewModelJob, now: number) {
  return { type: kind, input: {}, ...request, ...(delayMs !== undefined && { availableAt: isoAfter(now, delayMs) }) };
}

async function askBoth(
  { world, engine, coverage }: Sides,
  job: ModelJob,
  action: Action,
  options: AskedOptions = {},
): Promise<void> {
  const { phase, state } = job;
  const isReplay = options.requestId !== undefined && job.answers.has(options.requestId);
  const holder = keyHolder(world, job.key);
  const { rollback, fromStart, requestId } = options;
  const from = fromStart ? "start" : "checkpoint";
  const answer = await outcomeOf(engine.manager[action](idOf(job), { rollback, from, requestId }));
  const expected = ask(world, job, action, options);
  const said = `${action} at ${phase}.${state}`;
  switch (expected.verdict) {
    case "requested":
    case "already":
      assert.ok("value" in answer, `${said}: ${JSON.stringify(answer)}`);
      assert.deepEqual([answer.value.outcome, answer.value.job.state], [expected.verdict, expected.state], said);
      break;
    case "key_taken":
      assert.deepEqual(answer, { refused: "key_taken", holder: holder?.id }, said);
      break;
    case "refused":
      assert.deepEqual(answer, { refused: "action_not_allowed", state, allowedActions: allowedActions(job) }, said);
  }
  if (isReplay || expected.verdict === "requested" || expected.verdict === "key_taken") return;
  coverage.notGranted({ phase, state }, action);
}

async function editBoth({ world, engine }: Sides, job: ModelJob, change: Given<"edit">[1]): Promise<void> {
  const { priority, delayMs } = change;
  const availableAt = delayMs === undefined ? undefined : isoAfter(world.now, delayMs);
  const answer = await outcomeOf(engine.manager.edit(idOf(job), { priority, availableAt }));
  if (job.state !== "queued" && job.state !== "paused") return assertNotAllowed(answer, job);
  assert.ok("value" in answer, JSON.stringify(answer));
  job.priority = priority ?? job.priority;
  if (delayMs !== undefined) job.availableAt = world.now + delayMs;
  note(job, "edit");
  settle(world);
}

async function removeBoth({ world, engine }: Sides, job: ModelJob, { force }: Given<"remove">[1]): Promise<void> {
  const answer = await outcomeOf(engine.manager.remove(idOf(job), { force }));
  if (isUnfinished(job) || (job.state === "rollback_failed" && !force)) return assertNotAllowed(answer, job);
  assert.ok("value" in answer, JSON.stringify(answer));
  world.jobs = world.jobs.filter((other) => other !== job);
  assert.equal(await engine.manager.get(idOf(job)), null);
  assert.deepEqual(await outcomeOf(engine.manager.pause(idOf(job))), { refused: "job_not_found" });
}

function assertNotAllowed(answer: Outcome<unknown>, { state }: ModelJob): void {
  assert.ok("refused" in answer, `not allowed at ${state}`);
  assert.deepEqual([answer.refused, answer.state], ["action_not_allowed", state]);
}

async function setQueueBoth({ world, engine }: Sides, name: string, change: Given<"setQueue">[1]): Promise<void> {
  const { paused, concurrency } = change;
  const { queues } = engine.manager;
  if (paused !== undefined) await (paused ? queues.pause(name) : queues.resume(name));
  if (concurrency !== undefined) await queues.edit(name, { concurrency });
  const queue = queueOf(world, name);
  queue.paused = paused ?? queue.paused;
  queue.concurrency = concurrency === undefined ? queue.concurrency : concurrency;
  settle(world);
}

async function addScheduleBoth({ world, engine }: Sides, given: Given<"addSchedule">[0]): Promise<void> {
  const { name, everyMs, overlap, missed } = given;
  await engine.manager.schedules.create({
    name,
    cron: `*/${everyMs / 1_000} * * * * *`,
    type: "tick",
    input: {},
    queue: SCHEDULE_QUEUE,
    priority: SCHEDULE_PRIORITY,
    overlap,
    missed,
  });
  addSchedule(world, given);
}

interface Refusal {
  readonly refused: string;
  readonly holder?: string;
  readonly state?: string;
  readonly allowedActions?: readonly Action[];
}

type Outcome<T> = { readonly value: T } | Refusal;

async function outcomeOf<T>(answer: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await answer };
  } catch (error) {
    if (!(error instanceof PawlError)) throw error;
    const { holder, state, allowedActions } = error.extras;
    return { refused: error.code, ...(holder && { holder }), ...(state && { state, allowedActions }) };
  }
}
