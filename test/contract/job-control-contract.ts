// What `JobControl` promises, wherever the jobs are: the manager of this process and a client of a server pass the same
// suite. It registers its tests with node:test and knows nothing but the interface.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PawlError } from "../../src/domain/errors.ts";
import type { Job } from "../../src/domain/job.ts";
import type { JobControl } from "../../src/domain/job-control.ts";

/** Where the job types `echo`, `hold`, `scribe`, `wordy`, `halfway`, `stuck` and `only` run, and a queue holds `QUEUE_LIMIT` jobs. */
export interface ControlledJobs {
  readonly control: JobControl;
  stop(): Promise<void>;
}

export const QUEUE_LIMIT = 1_000;

interface Suite {
  readonly control: () => JobControl;
  /** A name that no other test has. */
  readonly name: () => string;
}

/** Registers the contract. All tests share what `open` opens, each with queues and keys of its own. */
export function jobControlContract(name: string, open: () => Promise<ControlledJobs>): void {
  describe(`job control of ${name}`, () => {
    let jobs: ControlledJobs;
    let made = 0;
    before(async () => {
      jobs = await open();
    });
    after(() => jobs.stop());
    const suite: Suite = {
      control: () => jobs.control,
      name: () => {
        made += 1;
        return `n${made}`;
      },
    };
    describe("submit", () => submitTests(suite));
    describe("submit once", () => onceTests(suite));
    describe("submit together", () => togetherTests(suite));
    describe("get and list", () => readTests(suite));
    describe("steer", () => steerTests(suite));
    describe("refuse", () => refusalTests(suite));
    describe("edit", () => editTests(suite));
    describe("bulk", () => bulkTests(suite));
    describe("records", () => recordTests(suite));
    describe("remove", () => removeTests(suite));
    describe("wait", () => waitTests(suite));
  });
}

const LATER = "2100-01-01T00:00:00.000Z";
const UNKNOWN_ID = "019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f";

/** Asserts that a call is refused with `code`, and answers the error. */
async function refused(call: Promise<unknown>, code: string): Promise<PawlError> {
  const error = await call.then(
    () => assert.fail(`was not refused with ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PawlError, String(error));
  assert.equal(error.code, code, error.message);
  assert.notEqual(error.message, "");
  return error;
}

/** Submits one that holds its worker until it is stopped, and waits until it runs. */
async function running(control: JobControl): Promise<Job> {
  const { id } = await control.submit({ type: "hold", input: {} });
  return control.waitUntil(id, "running");
}

async function ended(control: JobControl, type: string, input: object = {}): Promise<Job> {
  const { id } = await control.submit({ type, input });
  return control.waitUntil(id, "final");
}

function submitTests({ control, name }: Suite): void {
  it("answers the stored job, with what was asked and defaults for the rest", async () => {
    const request = {
      type: "echo",
      input: { a: [1, "x", null] },
      queue: name(),
      key: name(),
      priority: 7,
      labels: { l: "v" },
    };
    const job = await control().submit({ ...request, availableAt: LATER, maxAttempts: 2, timeoutMs: 5_000 });
    const { type, input, queue, key, priority, labels, availableAt, maxAttempts, timeoutMs, state, phase } = job;
    assert.deepEqual({ type, input, queue, key, priority, labels }, request);
    assert.deepEqual({ availableAt, maxAttempts, timeoutMs }, { availableAt: LATER, maxAttempts: 2, timeoutMs: 5_000 });
    assert.deepEqual({ state, phase }, { state: "queued", phase: "forward" });
    assert.deepEqual(await control().get(job.id), job);
    const plain = await control().submit({ type: "echo", input: {}, availableAt: LATER });
    assert.equal(plain.queue, "default");
    assert.equal(plain.key, null);
    assert.equal(plain.priority, 0);
    assert.deepEqual(plain.labels, {});
  });

  it("runs the job, whose output is there in the end", async () => {
    const job = await ended(control(), "echo", { text: "grüße, 世界 🌍", deep: { a: [true, null, 1.5] } });
    assert.equal(job.state, "succeeded");
    assert.deepEqual(job.output, { text: "grüße, 世界 🌍", deep: { a: [true, null, 1.5] } });
  });

  it("makes a job of each of two equal requests", async () => {
    const request = { type: "echo", input: { same: true } };
    assert.notEqual((await control().submit(request)).id, (await control().submit(request)).id);
  });

  it("refuses a type that nobody knows, and names those that are known", async () => {
    const error = await refused(control().submit({ type: "nothing", input: {} }), "unknown_job_type");
    assert.match(error.message, /nothing.*echo/);
  });

  it("refuses an input that the type's schema refuses, place by place", async () => {
    const error = await refused(control().submit({ type: "scribe", input: { lines: "x", file: 1 } }), "invalid_input");
    assert.deepEqual(
      error.extras.errors?.map(({ pointer }) => pointer),
      ["/lines", "/file"],
    );
  });

  it("refuses what JSON would change", async () => {
    for (const wrong of [new Date(0), Number.NaN, new Map(), 1n, () => 1]) {
      const error = await refused(control().submit({ type: "echo", input: { a: [{ wrong }] } }), "invalid_input");
      assert.deepEqual(
        error.extras.errors?.map(({ pointer }) => pointer),
        ["/a/0/wrong"],
      );
    }
  });

  it("refuses a request with a field that it does not have", async () => {
    const misspelt = { type: "echo", input: {}, prioritty: 5 };
    await refused(control().submit(misspelt), "invalid_request");
  });

  it("refuses settings out of their range", async () => {
    for (const wrong of [
      { priority: 0.5 },
      { maxAttempts: 0 },
      { timeoutMs: -1 },
      { availableAt: "tomorrow" },
      { key: "" },
    ]) {
      await refused(control().submit({ type: "echo", input: {}, ...wrong }), "invalid_request");
    }
  });

  it("refuses a key that an unfinished job holds, and names the holder", async () => {
    const key = name();
    const { id } = await control().submit({ type: "echo", input: {}, key, availableAt: LATER });
    const error = await refused(control().submit({ type: "echo", input: {}, key }), "key_taken");
    assert.equal(error.extras.holder, id);
    await control().cancel(id);
    await control().submit({ type: "echo", input: {}, key });
  });

  it("refuses a second unfinished job of an exclusive group, and names the holder", async () => {
    const group = name();
    const { id } = await control().submit({ type: "only", input: { group }, availableAt: LATER });
    const error = await refused(control().submit({ type: "only", input: { group } }), "exclusive_group_taken");
    assert.equal(error.extras.holder, id);
  });
}

function onceTests({ control, name }: Suite): void {
  it("says of a new job that it was created", async () => {
    const { outcome, job } = await control().submitOnce({ type: "echo", input: {} });
    assert.equal(outcome, "created");
    assert.equal(job.type, "echo");
  });

  it("answers the same job to the same key and request", async () => {
    const options = { idempotencyKey: name() };
    const first = await control().submitOnce({ type: "echo", input: { a: 1, b: 2 } }, options);
    const second = await control().submitOnce({ input: { b: 2, a: 1 }, type: "echo" }, options);
    assert.deepEqual([first.outcome, second.outcome], ["created", "existing"]);
    assert.equal(second.job.id, first.job.id);
    assert.equal((await control().submit({ type: "echo", input: { a: 1, b: 2 } }, options)).id, first.job.id);
  });

  it("refuses the key of another request", async () => {
    const options = { idempotencyKey: name() };
    await control().submit({ type: "echo", input: { a: 1 } }, options);
    await refused(control().submit({ type: "echo", input: { a: 2 } }, options), "idempotency_conflict");
  });

  it("makes the submits of one window one job", async () => {
    for (const mode of ["once", "debounce"] as const) {
      const dedupe = { key: name(), windowMs: 600_000, mode };
      const first = await control().submitOnce({ type: "echo", input: {}, dedupe });
      const second = await control().submitOnce({ type: "echo", input: {}, dedupe });
      assert.deepEqual([first.outcome, second.outcome], ["created", "existing"]);
      assert.equal(second.job.id, first.job.id);
    }
  });

  it("refuses an idempotency key together with deduplication", async () => {
    const dedupe = { key: name(), windowMs: 1_000, mode: "once" } as const;
    const options = { idempotencyKey: name() };
    await refused(control().submit({ type: "echo", input: {}, dedupe }, options), "invalid_request");
  });

  it("refuses an idempotency key that is empty or too long", async () => {
    for (const idempotencyKey of ["", "k".repeat(201)]) {
      await refused(control().submit({ type: "echo", input: {} }, { idempotencyKey }), "invalid_request");
    }
  });
}

function togetherTests({ control, name }: Suite): void {
  const all = async (queue: string) => (await control().list({ queue: [queue] })).items;

  it("stores many jobs in order", async () => {
    const queue = name();
    const numbers = [1, 2, 3, 4, 5];
    const requests = numbers.map((n) => ({ type: "echo", input: { n }, queue, availableAt: LATER }));
    const jobs = await control().submitAll(requests);
    assert.deepEqual(
      jobs.map((job) => job.input),
      numbers.map((n) => ({ n })),
    );
    assert.deepEqual(
      (await all(queue)).map((job) => job.id),
      jobs.map((job) => job.id).reverse(),
    );
  });

  it("stores none when one is refused, and names the member and its place", async () => {
    const queue = name();
    const good = { type: "echo", input: {}, queue };
    const wrongs = [
      [{ type: "scribe", input: { lines: "x", file: "f" } }, "invalid_input", "/jobs/1/input/lines"],
      [{ type: "echo", input: { at: new Date(0) } }, "invalid_input", "/jobs/1/input/at"],
      [{ type: "nothing", input: {} }, "unknown_job_type", "/jobs/1"],
    ] as const;
    for (const [wrong, code, pointer] of wrongs) {
      const error = await refused(control().submitAll([good, { ...wrong, queue }]), code);
      assert.deepEqual(
        error.extras.errors?.map((problem) => problem.pointer),
        [pointer],
      );
    }
    assert.deepEqual(await all(queue), []);
  });

  it("answers the same jobs to the same key and requests", async () => {
    const options = { idempotencyKey: name() };
    const requests = [
      { type: "echo", input: { n: 1 } },
      { type: "echo", input: { n: 2 } },
    ];
    const first = await control().submitAll(requests, options);
    const second = await control().submitAll(requests, options);
    assert.deepEqual(
      second.map((job) => job.id),
      first.map((job) => job.id),
    );
  });

  it("takes 1 to 1,000 jobs, and no deduplication", async () => {
    const job = { type: "echo", input: {}, availableAt: LATER, queue: name() };
    await refused(control().submitAll([]), "invalid_request");
    await refused(control().submitAll(Array.from({ length: 1_001 }, () => job)), "invalid_request");
    const dedupe = { key: name(), windowMs: 1_000, mode: "once" } as const;
    await refused(control().submitAll([{ ...job, dedupe }]), "invalid_request");
  });

  it("refuses what a queue has no room for, and stores nothing of it", async () => {
    const queue = name();
    const job = { type: "echo", input: {}, availableAt: LATER, queue };
    await control().submitAll(Array.from({ length: QUEUE_LIMIT - 1 }, () => job));
    await refused(control().submitAll([job, job]), "queue_full");
    await control().submit(job);
    await refused(control().submit(job), "queue_full");
    assert.deepEqual(await control().bulk({ action: "cancel", filter: { queue: [queue] }, dryRun: true }), {
      matched: QUEUE_LIMIT,
      requested: QUEUE_LIMIT,
      refused: 0,
    });
  });
}

function readTests({ control, name }: Suite): void {
  it("answers null for a job that is not there, whatever its id looks like", async () => {
    for (const id of [UNKNOWN_ID, "x", "", ".", "..", "a/b", "../queues", "%2e%2e", "?q=1", "#", "ä", "\ud800"]) {
      assert.equal(await control().get(id), null, JSON.stringify(id));
    }
  });

  it("lists summaries page by page, newest or oldest first, each job once", async () => {
    const queue = name();
    const requests = Array.from({ length: 7 }, (_, n) => ({ type: "echo", input: { n }, queue, availableAt: LATER }));
    const ids = (await control().submitAll(requests)).map((job) => job.id);
    for (const order of ["newest", "oldest"] as const) {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await control().list({ queue: [queue], order, limit: 3, cursor });
        assert.ok(page.items.length <= 3);
        for (const item of page.items) {
          assert.ok(!("input" in item) && !("output" in item) && !("artifacts" in item));
          found.push(item.id);
        }
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      assert.deepEqual(found, order === "oldest" ? ids : ids.toReversed());
    }
  });

  it("filters by state, type, queue, key, label and the beginning of id or key", async () => {
    const [queue, other, key, label] = [name(), name(), `key-${name()}`, name()];
    const later = { input: {}, availableAt: LATER };
    const a = await control().submit({ ...later, type: "echo", queue, key, labels: { label } });
    const b = await control().submit({ ...later, type: "hold", queue });
    const c = await control().submit({ ...later, type: "echo", queue: other, labels: { label: `${label}:x&y=1+2 %` } });
    await control().cancel(b.id);
    const found = async (filter: object) => (await control().list(filter)).items.map((job) => job.id);
    const both = { queue: [queue, other] };
    assert.deepEqual(await found(both), [c.id, b.id, a.id]);
    assert.deepEqual(await found({ ...both, state: ["cancelled", "failed"] }), [b.id]);
    assert.deepEqual(await found({ ...both, type: ["echo"] }), [c.id, a.id]);
    assert.deepEqual(await found({ key }), [a.id]);
    assert.deepEqual(await found({ label: `label:${label}` }), [a.id]);
    assert.deepEqual(await found({ label: `label:${label}:x&y=1+2 %` }), [c.id]);
    assert.deepEqual(await found({ q: key.slice(0, -1), queue: [queue] }), [a.id]);
    assert.deepEqual(await found({ q: c.id }), [c.id]);
    assert.deepEqual(await found({ ...both, state: [] }), []);
  });

  it("refuses a filter that it does not know, a state that is none, and a limit out of range", async () => {
    const wrongs: readonly object[] = [
      { staate: ["failed"] },
      { state: ["done"] },
      { label: "x" },
      { limit: 0 },
      { limit: 201 },
    ];
    for (const wrong of wrongs) await refused(control().list(wrong), "invalid_request");
  });
}

function steerTests({ control }: Suite): void {
  it("pauses and resumes a job that waits, and says what was so already", async () => {
    const { id } = await control().submit({ type: "hold", input: {}, availableAt: LATER });
    const outcomes: (readonly [string, string])[] = [];
    for (const action of ["pause", "pause", "resume", "resume"] as const) {
      const { outcome, job } = await control()[action](id);
      outcomes.push([outcome, job.state]);
    }
    assert.deepEqual(outcomes, [
      ["requested", "paused"],
      ["already", "paused"],
      ["requested", "queued"],
      ["already", "queued"],
    ]);
  });

  it("pauses a job that runs at its next checkpoint, and goes on from there", async () => {
    const { id } = await running(control());
    const { outcome, job } = await control().pause(id, { reason: "look at it" });
    assert.deepEqual([outcome, job.state], ["requested", "pausing"]);
    assert.equal(job.control?.reason, "look at it");
    const paused = await control().waitUntil(id, "paused");
    assert.deepEqual(paused.allowedActions, ["resume", "cancel", "terminate"]);
    await control().resume(id);
    await control().waitUntil(id, "running");
    await control().cancel(id);
  });

  it("cancels with a rollback where the type can, and without when it is told so", async () => {
    const first = await running(control());
    assert.equal((await control().cancel(first.id, { reason: "wrong file" })).outcome, "requested");
    assert.equal((await control().waitUntil(first.id, "final")).state, "rolled_back");
    const second = await running(control());
    await control().cancel(second.id, { rollback: false });
    assert.equal((await control().waitUntil(second.id, "final")).state, "cancelled");
  });

  it("terminates a job that runs, and a rollback too", async () => {
    const first = await running(control());
    await control().terminate(first.id, { rollback: false });
    assert.equal((await control().waitUntil(first.id, "final")).state, "cancelled");
    const { id } = await control().submit({ type: "stuck", input: {} });
    await control().waitUntil(id, "running");
    await control().cancel(id);
    await waitForRollback(control(), id);
    assert.equal((await control().terminate(id)).outcome, "requested");
    assert.equal((await control().waitUntil(id, "final")).state, "rollback_failed");
  });

  it("tries a failed job again, at its checkpoint, or from the start where that is asked", async () => {
    const failed = await ended(control(), "halfway");
    assert.equal(failed.state, "failed");
    assert.equal(failed.error?.message, "no further");
    assert.deepEqual(failed.allowedActions, ["retry"]);
    for (const options of [{ reason: "better luck" }, { from: "start" as const }]) {
      assert.equal((await control().retry(failed.id, options)).outcome, "requested");
      assert.equal((await control().waitUntil(failed.id, "final")).state, "failed");
    }
    const messages = (await control().logs(failed.id)).map((line) => line.message);
    assert.deepEqual(messages, ["starts at null", "starts at 1", "starts at null"]);
    const retries = (await control().history(failed.id)).filter((entry) => entry.kind === "retry");
    assert.deepEqual(
      retries.map((entry) => entry.reason),
      ["better luck", null],
    );
  });

  it("undoes a finished job", async () => {
    const { id } = await running(control());
    await control().cancel(id, { rollback: false });
    await control().waitUntil(id, "cancelled");
    const { outcome, job } = await control().rollback(id, { reason: "not wanted" });
    assert.deepEqual([outcome, job.phase], ["requested", "rollback"]);
    assert.equal((await control().waitUntil(id, "final")).state, "rolled_back");
  });

  it("repeats the answer to a request that comes again, and does nothing", async () => {
    const { id } = await control().submit({ type: "hold", input: {}, availableAt: LATER });
    const options = { requestId: "the same", reason: "once" };
    assert.equal((await control().pause(id, options)).outcome, "requested");
    await control().resume(id);
    assert.equal((await control().pause(id, options)).outcome, "requested");
    assert.equal((await control().get(id))?.state, "queued");
    assert.deepEqual((await control().history(id)).filter((entry) => entry.kind === "pause").length, 1);
  });
}

async function waitForRollback(control: JobControl, id: string): Promise<void> {
  for (;;) {
    const job = await control.waitUntil(id, ["running", "final"]);
    if (job.phase === "rollback") return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const ACTIONS = ["pause", "resume", "cancel", "terminate", "retry", "rollback"] as const;

function refusalTests({ control }: Suite): void {
  it("refuses what the state does not allow, and says what it does allow", async () => {
    const done = await ended(control(), "echo");
    for (const action of ["pause", "resume", "cancel", "retry", "rollback"] as const) {
      const { extras } = await refused(control()[action](done.id), "action_not_allowed");
      assert.equal(extras.state, "succeeded");
      assert.deepEqual(extras.allowedActions, []);
    }
    const waiting = await control().submit({ type: "echo", input: {}, availableAt: LATER });
    const { extras } = await refused(control().retry(waiting.id), "action_not_allowed");
    assert.equal(extras.state, "queued");
    assert.deepEqual(extras.allowedActions, ["pause", "cancel", "terminate"]);
    await refused(control().edit(done.id, { priority: 1 }), "action_not_allowed");
  });

  it("refuses whatever is asked of a job that is not there", async () => {
    for (const id of [UNKNOWN_ID, "..", ""]) {
      for (const action of ACTIONS) await refused(control()[action](id), "job_not_found");
      await refused(control().edit(id, { priority: 1 }), "job_not_found");
      await refused(control().remove(id), "job_not_found");
      await refused(control().history(id), "job_not_found");
      await refused(control().logs(id), "job_not_found");
      await refused(control().artifacts(id), "job_not_found");
      await refused(control().waitUntil(id, "final"), "job_not_found");
    }
  });
}

function editTests({ control }: Suite): void {
  it("changes what is given and leaves the rest, with who and why in the history", async () => {
    const job = await control().submit({ type: "echo", input: { a: 1 }, labels: { x: "1" }, availableAt: LATER });
    const first = await control().edit(job.id, { priority: 9, labels: { y: "2" } }, { reason: "hurry" });
    assert.deepEqual([first.priority, first.labels, first.input], [9, { y: "2" }, { a: 1 }]);
    const second = await control().edit(job.id, { input: { a: 2 }, maxAttempts: 5, availableAt: undefined });
    assert.deepEqual([second.input, second.maxAttempts, second.priority, second.availableAt], [{ a: 2 }, 5, 9, LATER]);
    const entry = (await control().history(job.id)).find(({ kind }) => kind === "edit");
    assert.equal(entry?.reason, "hurry");
    await control().edit(job.id, { availableAt: "2020-01-01T00:00:00.000Z" });
    assert.deepEqual((await control().waitUntil(job.id, "final")).output, { a: 2 });
  });

  it("refuses a change that names nothing or does not fit, and changes nothing", async () => {
    const job = await control().submit({ type: "scribe", input: { lines: 1, file: "f" }, availableAt: LATER });
    await refused(control().edit(job.id, {}), "invalid_request");
    await refused(control().edit(job.id, { priority: 0.5 }), "invalid_request");
    await refused(control().edit(job.id, { input: { lines: "x", file: "f" } }), "invalid_input");
    await refused(control().edit(job.id, { input: { lines: Number.NaN, file: "f" } }), "invalid_input");
    assert.deepEqual(await control().get(job.id), job);
  });

  it("refuses to change a job that runs", async () => {
    const job = await running(control());
    const { extras } = await refused(control().edit(job.id, { priority: 1 }), "action_not_allowed");
    assert.equal(extras.state, "running");
    await control().cancel(job.id);
  });
}

function bulkTests({ control, name }: Suite): void {
  it("counts without asking, then asks every job that matches and no other", async () => {
    const queue = name();
    const later = { type: "hold", input: {}, queue, availableAt: LATER };
    const jobs = await control().submitAll([later, later, later, { ...later, queue: name() }]);
    await control().cancel(jobs[0]?.id ?? "");
    const request = { action: "pause", filter: { queue: [queue] }, reason: "all of it" } as const;
    const counts = { matched: 3, requested: 2, refused: 1 };
    assert.deepEqual(await control().bulk({ ...request, dryRun: true }), counts);
    const states = async () => Promise.all(jobs.map(async ({ id }) => (await control().get(id))?.state));
    assert.deepEqual(await states(), ["cancelled", "queued", "queued", "queued"]);
    assert.deepEqual(await control().bulk(request), counts);
    assert.deepEqual(await states(), ["cancelled", "paused", "paused", "queued"]);
    assert.equal((await control().get(jobs[1]?.id ?? ""))?.control?.reason, "all of it");
  });

  it("refuses a filter that names nothing, is empty where it counts, or is misspelt", async () => {
    const wrongs: readonly object[] = [{}, { state: [] }, { queue: [] }, { quee: ["x"] }, { state: ["done"] }];
    for (const filter of wrongs) await refused(control().bulk({ action: "cancel", filter }), "invalid_request");
  });
}

function recordTests({ control }: Suite): void {
  it("answers the history oldest first, from 1 without gaps, in parts where that is asked", async () => {
    const startedAt = Date.now();
    const { id } = await ended(control(), "echo");
    const entries = await control().history(id);
    assert.deepEqual(
      entries.map(({ seq, kind, state }) => [seq, kind, state]),
      [
        [1, "submit", "queued"],
        [2, "claim", "running"],
        [3, "succeed", "succeeded"],
      ],
    );
    for (const { at } of entries) assert.ok(at >= startedAt - 1_000 && at <= Date.now() + 1_000);
    assert.deepEqual(await control().history(id, { after: 1, limit: 1 }), entries.slice(1, 2));
    assert.deepEqual(await control().history(id, { after: 3 }), []);
  });

  it("answers as many log lines as are asked for, 1,000 where none are", async () => {
    // More at once would be dropped, so the lines come in three attempts.
    const { id } = await ended(control(), "wordy", { lines: 800 });
    for (let retry = 1; retry < 3; retry += 1) {
      await control().retry(id);
      await control().waitUntil(id, "final");
    }
    const all = await control().logs(id, { limit: 10_000 });
    assert.deepEqual(
      all.map(({ seq, message }) => [seq, message]),
      Array.from({ length: 2_400 }, (_, index) => [index + 1, `line ${(index % 800) + 1}`]),
    );
    const { at, ...line } = all[41] ?? assert.fail("There is no line 42.");
    assert.deepEqual(line, { seq: 42, level: "info", message: "line 42", fields: { line: 42 } });
    assert.equal(typeof at, "number");
    assert.deepEqual(await control().logs(id), all.slice(0, 1_000));
    assert.deepEqual(await control().logs(id, { after: 5, limit: 1_500 }), all.slice(5, 1_505));
    assert.deepEqual(await control().logs(id, { after: 2_400 }), []);
  });

  it("refuses a limit out of range", async () => {
    const { id } = await ended(control(), "echo");
    for (const limit of [0, 10_001, 1.5]) {
      await refused(control().history(id, { limit }), "invalid_request");
      await refused(control().logs(id, { limit }), "invalid_request");
    }
  });

  it("answers the artifacts", async () => {
    const { id } = await ended(control(), "scribe", { lines: 0, file: "a b.csv" });
    const [artifact, ...others] = await control().artifacts(id);
    assert.deepEqual(others, []);
    assert.deepEqual([artifact?.name, artifact?.size, artifact?.mediaType], ["a b.csv", 8, "text/csv"]);
    assert.match(artifact?.sha256 ?? "", /^[0-9a-f]{64}$/);
  });
}

function removeTests({ control }: Suite): void {
  it("removes a final job, and refuses one that is not", async () => {
    const { id } = await ended(control(), "echo");
    assert.equal(await control().remove(id), undefined);
    assert.equal(await control().get(id), null);
    const waiting = await control().submit({ type: "echo", input: {}, availableAt: LATER });
    const { extras } = await refused(control().remove(waiting.id), "action_not_allowed");
    assert.equal(extras.state, "queued");
  });

  it("removes a job whose rollback failed only by force", async () => {
    const { id } = await control().submit({ type: "stuck", input: {} });
    await control().waitUntil(id, "running");
    await control().cancel(id);
    await waitForRollback(control(), id);
    await control().terminate(id);
    await control().waitUntil(id, "rollback_failed");
    await refused(control().remove(id), "action_not_allowed");
    await control().remove(id, { force: true });
    assert.equal(await control().get(id), null);
  });
}

function waitTests({ control }: Suite): void {
  it("resolves with the job as soon as it is in one of the states", async () => {
    const { id } = await control().submit({ type: "hold", input: {}, availableAt: LATER });
    assert.equal((await control().waitUntil(id, "queued")).state, "queued");
    const waits = [control().waitUntil(id, "paused"), control().waitUntil(id, ["failed", "paused"])];
    await control().pause(id);
    assert.deepEqual(
      (await Promise.all(waits)).map((job) => [job.id, job.state]),
      [
        [id, "paused"],
        [id, "paused"],
      ],
    );
    const end = control().waitUntil(id, "final");
    await control().cancel(id);
    assert.equal((await end).state, "cancelled");
  });

  it("rejects with the signal's reason, at once when that has aborted before", async () => {
    const { id } = await control().submit({ type: "hold", input: {}, availableAt: LATER });
    const stop = new AbortController();
    const reason = new Error("enough");
    const wait = assert.rejects(control().waitUntil(id, "final", { signal: stop.signal }), (error) => error === reason);
    // As long as a request needs to be on its way.
    await control().get(id);
    stop.abort(reason);
    await wait;
    await assert.rejects(control().waitUntil(id, "final", { signal: stop.signal }), (error) => error === reason);
  });

  it("rejects when the job is removed meanwhile", async () => {
    const { id } = await ended(control(), "echo");
    const wait = refused(control().waitUntil(id, "paused"), "job_not_found");
    await control().get(id);
    await control().remove(id);
    await wait;
  });
}
