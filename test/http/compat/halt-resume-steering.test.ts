// Earlier API 3 as its clients meet it: halt, resume and stop, in every status and at the same time.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import type { State } from "../../../src/domain/lifecycle.ts";
import { defineJob } from "../../../src/index.ts";
import { waitFor } from "../../support/wait-for.ts";
import { createGate } from "../support.ts";
import { EXPORT, refusal, STEERINGS, type Steered, start, success } from "./halt-resume-support.ts";
import { ENDLESS_MS } from "./support.ts";

for (const method of ["GET", "POST"]) {
  test(`${method}: a job is halted, resumed and stopped, and shows it at once`, async (t) => {
    const { running, ask, statusOf, until } = await start(t);
    const id = await running();
    assert.equal(await statusOf(id), "Running");
    assert.deepEqual(await ask(method, `/halt/${id}`), success(id));
    assert.equal(await statusOf(id), "Halted");
    await until(id, "paused");
    assert.equal(await statusOf(id), "Halted");
    assert.deepEqual(await ask(method, `/resume/${id}`), success(id));
    assert.equal(await statusOf(id), "Running");
    assert.deepEqual(await ask(method, `/stop/${id}`), success(id));
    assert.equal(await statusOf(id), "Stopped");
    await until(id, "rolled_back");
    assert.equal(await statusOf(id), "Stopped");
  });
}

test("a halt and a stop show while the job has not come to them yet", async (t) => {
  const gate = createGate();
  const stubborn = defineJob({ type: "simple", input: z.object({}), run: () => gate.passed });
  const { submit, ask, statusOf, manager, until } = await start(t, { replaced: [stubborn] });
  const id = await submit({ Type: "Simple" });
  await until(id, "running");
  for (const [steering, state, status] of [
    ["halt", "pausing", "Halted"],
    ["resume", "running", "Running"],
    ["stop", "cancelling", "Stopped"],
  ]) {
    assert.deepEqual(await ask("GET", `/${steering}/${id}`), success(id));
    assert.equal((await manager.get(id))?.state, state);
    assert.equal(await statusOf(id), status);
  }
  gate.open();
  await until(id, "final");
});

test("stop on a halted job ends promptly, and undoes what the job did, the last step first", async (t) => {
  const { ask, manager, until } = await start(t);
  const { id } = await manager.submit({ type: "simple", input: { steps: 1_000_000, stepMs: 1 } });
  await waitFor(async () => ((await manager.get(id))?.progress.done ?? 0) >= 5, { what: "five steps", everyMs: 1 });
  assert.deepEqual(await ask("GET", `/halt/${id}`), success(id));
  const done = (await until(id, "paused")).progress.done;
  assert.deepEqual(await ask("GET", `/stop/${id}`), success(id));
  await until(id, "rolled_back");
  const undone = (await manager.logs(id))
    .map(({ message }) => message)
    .filter((message) => message.endsWith("undone."));
  assert.deepEqual(
    undone,
    Array.from({ length: done }, (_, index) => `Step ${done - index} is undone.`),
  );
});

test("stop on an Export leaves no file behind", async (t) => {
  const { submit, ask, call, manager, until } = await start(t, { dayMs: 5 });
  const id = await submit({ Type: "Export", args: { from_date: "2001-Jan-01", to_date: "2099-Dec-31" } });
  await waitFor(async () => ((await manager.get(id))?.progress.done ?? 0) >= 3, { what: "three days", everyMs: 1 });
  assert.deepEqual(await ask("GET", `/stop/${id}`), success(id));
  assert.deepEqual((await until(id, "final")).artifacts, []);
  assert.equal((await call("GET", `/api/v1/jobs/${id}/artifacts/days.csv`)).status, 404);
});

const ENDED = {
  Completed: "Job is already completed",
  Stopped: "Job is already stopped",
  Failed: "Job is already failed",
};

/** Steerings that a status refuses, with what they say. */
const WRONG: readonly (readonly [steering: (typeof STEERINGS)[number], reasons: Readonly<Record<string, string>>])[] = [
  ["halt", { Halted: "Job is already halted", ...ENDED }],
  ["resume", { Submitted: "Job is not halted", Running: "Job is already running", ...ENDED }],
  ["stop", ENDED],
];

test("a job whose status does not allow it says so with 409, and stays as it is", async (t) => {
  const { submit, running, ask, statusOf, manager, until } = await start(t);
  const ended = async (state: State, more: object, act: (id: string) => Promise<unknown> = async () => undefined) => {
    const { id } = await manager.submit({ type: "simple", input: { steps: 2, stepMs: ENDLESS_MS }, ...more });
    await until(id, "running");
    await act(id);
    await until(id, state);
    return id;
  };
  const completed = await submit({ Type: "Simple" });
  await until(completed, "succeeded");
  const stopped = await ended("rolled_back", {}, (id) => manager.cancel(id));
  const failed = await ended("failed", { timeoutMs: 1, maxAttempts: 1 });
  const halted = await running();
  await manager.pause(halted);
  const Running = await running();
  await manager.queues.pause("default");
  const Submitted = await submit({ Type: "Simple" });
  const jobs = { Submitted, Running, Halted: halted, Completed: completed, Stopped: stopped, Failed: failed };
  for (const [status, id] of Object.entries(jobs)) assert.equal(await statusOf(id), status);
  for (const [steering, reasons] of WRONG) {
    for (const [status, reason] of Object.entries(reasons)) {
      const id = jobs[status as keyof typeof jobs];
      for (const method of ["GET", "POST"]) {
        const refused = refusal(409, id, `Failed to ${steering} the Job : ${reason}`);
        assert.deepEqual(await ask(method, `/${steering}/${id}`), refused);
      }
      assert.equal(await statusOf(id), status);
    }
  }
});

test("a job that waits for a worker is halted, resumed and stopped before it ever ran", async (t) => {
  const { submit, ask, statusOf, manager } = await start(t);
  await manager.queues.pause("default");
  const id = await submit(EXPORT);
  for (const [steering, status] of [
    ["halt", "Halted"],
    ["resume", "Submitted"],
    ["stop", "Stopped"],
  ]) {
    assert.deepEqual(await ask("GET", `/${steering}/${id}`), success(id));
    assert.equal(await statusOf(id), status);
  }
  assert.equal((await manager.get(id))?.state, "cancelled");
});

test("a resumed job is Running while it waits for a worker, and a stopped one Stopped while its undo waits", async (t) => {
  const { running, ask, statusOf, manager, until } = await start(t);
  const id = await running();
  await ask("GET", `/halt/${id}`);
  await until(id, "paused");
  await manager.queues.pause("default");
  await ask("GET", `/resume/${id}`);
  assert.equal((await manager.get(id))?.state, "queued");
  assert.equal(await statusOf(id), "Running");
  await ask("GET", `/stop/${id}`);
  const job = await manager.get(id);
  assert.deepEqual([job?.state, job?.phase], ["queued", "rollback"]);
  assert.equal(await statusOf(id), "Stopped");
  const refusesAll = async () => {
    const before = await manager.history(id);
    for (const steering of STEERINGS) {
      const refused = refusal(409, id, `Failed to ${steering} the Job : Job is already stopped`);
      assert.deepEqual(await ask("GET", `/${steering}/${id}`), refused);
    }
    assert.deepEqual(await manager.history(id), before);
  };
  await refusesAll();
  await manager.pause(id);
  assert.equal(await statusOf(id), "Stopped");
  await refusesAll();
  await manager.resume(id);
  await manager.queues.resume("default");
  await until(id, "rolled_back");
});

test("of 20 equal requests at the same time one is done, and the others are told that it is", async (t) => {
  const { running, ask, until } = await start(t);
  const id = await running();
  const reasons = { halt: "already halted", resume: "already running", stop: "already stopped" };
  for (const [steering, reason] of Object.entries(reasons)) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask("GET", `/${steering}/${id}`)));
    const refused = refusal(409, id, `Failed to ${steering} the Job : Job is ${reason}`);
    const others = answers.filter(({ status }) => status !== 200);
    assert.deepEqual(
      others,
      Array.from({ length: 19 }, () => refused),
    );
    if (steering === "halt") await until(id, "paused");
    if (steering === "resume") await until(id, "running");
  }
  await until(id, "rolled_back");
});

test("whoever halts, resumes and stops at the same time is told 200 or 409, and the job ends stopped", async (t) => {
  const { running, ask, statusOf, until } = await start(t);
  const id = await running();
  const steerings = Array.from({ length: 10 }, () => STEERINGS).flat();
  const answers = await Promise.all(
    steerings.map(async (steering) => ({ steering, ...(await ask("GET", `/${steering}/${id}`)) })),
  );
  for (const { steering, status, body } of answers) {
    if (status === 200) assert.deepEqual({ status, body }, success(id));
    else assert.deepEqual({ status, body }, refusal(409, id, `Failed to ${steering} the Job : ${reasonOf(body)}`));
  }
  assert.equal(answers.filter(({ steering, status }) => steering === "stop" && status === 200).length, 1);
  await until(id, "rolled_back");
  assert.equal(await statusOf(id), "Stopped");
});

/** The end of a refusal, if it is one that there is. */
const reasonOf = ({ error = "" }: Steered) => /Job is (already (halted|running|stopped)|not halted)$/.exec(error)?.[0];

test("what somebody else did after the job was looked at is told as it is", async (t) => {
  const { running, another, manager, until } = await start(t);
  /** Steers a running job while `meanwhile` happens, and tells what the client got. */
  const raced = async (steering: string, meanwhile: (id: string) => Promise<unknown>) => {
    const id = await running();
    let looks = 0;
    const get: typeof manager.get = async (jobId) => {
      const job = await manager.get(jobId);
      looks += 1;
      if (looks === 1) await meanwhile(id);
      return job;
    };
    const { app } = another({ manager: { ...manager, get } });
    const { statusCode, body } = await app.inject({ method: "POST", url: `/${steering}/${id}` });
    await app.close();
    return { answer: { status: statusCode, body: JSON.parse(body) }, id };
  };
  const told = (id: string, steering: string, reason: string) =>
    refusal(409, id, `Failed to ${steering} the Job : Job is already ${reason}`);
  const stop = (id: string) => manager.cancel(id).then(() => until(id, "rolled_back"));

  const paused = await raced("halt", (id) => manager.pause(id));
  assert.deepEqual(paused.answer, told(paused.id, "halt", "halted"));
  for (const steering of ["halt", "stop"]) {
    const stopped = await raced(steering, stop);
    assert.deepEqual(stopped.answer, told(stopped.id, steering, "stopped"));
  }
  const removed = await raced("halt", async (id) => {
    await stop(id);
    await manager.remove(id);
  });
  assert.deepEqual(removed.answer, refusal(404, removed.id, "Invalid JobID"));
});

test("a halt that meets the undo of a stop does not hold it up", async (t) => {
  const { running, ask, manager, until } = await start(t);
  const id = await running();
  await manager.pause(id);
  await until(id, "paused");
  await manager.queues.pause("default");
  await manager.resume(id);
  const [stopped, halted] = await Promise.all([ask("GET", `/stop/${id}`), ask("GET", `/halt/${id}`)]);
  assert.deepEqual(stopped, success(id));
  assert.ok([200, 409].includes(halted.status));
  const job = await manager.get(id);
  assert.deepEqual([job?.state, job?.phase], ["queued", "rollback"]);
  await manager.queues.resume("default");
  await until(id, "rolled_back");
});
