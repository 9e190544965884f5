// Requests: asked, repeated, refused, replayed; and what a retry or a rollback starts anew.
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Action } from "../../domain/lifecycle.ts";
import type { Store } from "../../ports/store.ts";
import { kindsOf, PROGRESS, type Register } from "./context.ts";
import { drive, newId, request } from "./store-driver.ts";

export function controlTests(test: Register): void {
  test("a request is kept with who, why and when, and reached when the job stops", async ({ store, advance }) => {
    const driver = await drive(store);
    await driver.claim();
    const answer = await driver.control("pause", { actor: "ann", reason: "lunch", requestId: "r1" });
    ok(answer.kind === "requested");
    const { control } = answer.job;
    deepEqual(control, {
      action: "pause",
      actor: "ann",
      reason: "lunch",
      requestId: "r1",
      requestedAt: control?.requestedAt,
      reachedAt: null,
      rollback: false,
      force: false,
    });
    await advance(40);
    await driver.settle("halt");
    equal((await driver.record()).control?.reachedAt, (control?.requestedAt ?? 0) + 40);
  });

  test("a request that needs nobody is reached at once", async ({ store }) => {
    const driver = await drive(store);
    const answer = await driver.control("cancel");
    ok(answer.kind === "requested");
    deepEqual([answer.job.state, answer.job.control?.reachedAt], ["cancelled", answer.job.control?.requestedAt]);
  });

  test("a pause that success overtakes is never reached", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.control("pause");
    await driver.settle("succeed");
    equal((await driver.record()).control?.reachedAt, null);
  });

  test("an escalated cancel keeps what was said of undoing, unless the terminate says otherwise", async ({ store }) => {
    const rollbackOf = async (first: boolean, second: boolean | null) => {
      const driver = await drive(store, { canRollback: true });
      await driver.claim();
      await driver.control("cancel", { rollback: first });
      const answer = await driver.control("terminate", { rollback: second });
      ok(answer.kind === "requested");
      deepEqual([answer.job.control?.action, answer.job.control?.force], ["terminate", true]);
      return answer.job.control?.rollback;
    };
    deepEqual(
      [
        await rollbackOf(false, null),
        await rollbackOf(true, null),
        await rollbackOf(false, true),
        await rollbackOf(true, false),
      ],
      [false, true, true, false],
    );
  });

  test("a cancel undoes by default where the type can", async ({ store }) => {
    for (const canRollback of [true, false]) {
      const driver = await drive(store, { canRollback });
      await driver.claim();
      await driver.control("cancel");
      const result = await driver.settle("halt");
      deepEqual([result?.state, result?.phase], canRollback ? ["queued", "rollback"] : ["cancelled", "forward"]);
    }
  });

  test("the strongest request stands, in whatever order they come at once", async ({ store }) => {
    const orders: Action[][] = [
      ["pause", "cancel", "terminate"],
      ["terminate", "pause", "cancel"],
      ["cancel", "terminate", "pause"],
    ];
    for (const order of orders) {
      const driver = await drive(store, { canRollback: true });
      await driver.claim();
      await Promise.all(order.map((action) => driver.control(action)));
      const job = await driver.record();
      deepEqual([job.state, job.control?.action, job.control?.force], ["cancelling", "terminate", true]);
    }
  });

  test("a request for one phase is refused in the other, and is no repetition there", async ({ store }) => {
    const driver = await drive(store, { canRollback: true });
    await driver.claim();
    deepEqual((await driver.control("resume", { phase: "rollback" })).kind, "refused");
    deepEqual((await driver.control("pause", { phase: "forward" })).kind, "requested");
    await driver.control("cancel");
    await driver.settle("halt");
    const undoing = await driver.record();
    deepEqual([undoing.state, undoing.phase], ["queued", "rollback"]);
    deepEqual((await driver.control("pause", { phase: "forward" })).kind, "refused");
    deepEqual((await driver.control("resume", { phase: "forward" })).kind, "refused");
    deepEqual(await driver.record(), undoing);
    deepEqual((await driver.control("pause", { phase: "rollback" })).kind, "requested");
  });

  test("of the same request twice at once one is requested and one is already", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const answers = await Promise.all([driver.control("pause"), driver.control("pause")]);
    deepEqual(answers.map((answer) => answer.kind).sort(), ["already", "requested"]);
    const both = await store.jobs.control([request(driver.id, "resume"), request(driver.id, "resume")]);
    deepEqual(
      both.map((answer) => answer.kind),
      ["requested", "already"],
    );
  });

  test("a replayed request only repeats its answer, whatever happened since", async ({ store }) => {
    const driver = await drive(store);
    const pause = () => driver.control("pause", { requestId: "p" });
    const again = () => driver.control("pause", { requestId: "again" });
    const wrong = () => driver.control("retry", { requestId: "wrong" });
    const kinds = async () => [(await pause()).kind, (await again()).kind, (await wrong()).kind];
    deepEqual(await kinds(), ["requested", "already", "refused"]);
    await driver.control("resume");
    const before = await driver.record();
    const entries = await kindsOf(store, driver.id);
    deepEqual(entries, ["submit", "pause", "repeated", "refused", "resume"]);
    deepEqual(await kinds(), ["requested", "already", "refused"]);
    deepEqual(await driver.record(), before);
    deepEqual(await kindsOf(store, driver.id), entries);
  });

  test("a replay in one batch is a replay too, and request ids are the job's own", async ({ store }) => {
    const [a, b] = [await drive(store), await drive(store)];
    const answers = await store.jobs.control([
      request(a.id, "cancel", { requestId: "x" }),
      request(a.id, "cancel", { requestId: "x" }),
      request(b.id, "pause", { requestId: "x" }),
    ]);
    deepEqual(
      answers.map((answer) => answer.kind),
      ["requested", "requested", "requested"],
    );
    deepEqual(await kindsOf(store, a.id), ["submit", "cancel"]);
  });

  test("a job that is not there is missing", async ({ store }) => {
    deepEqual(await store.jobs.control([request(newId(), "pause")]), [{ kind: "missing" }]);
  });

  test("a refused request changes nothing and leaves no trace without a request id", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.settle("succeed");
    const before = await driver.record();
    deepEqual(await driver.control("pause"), { kind: "refused", job: before });
    equal((await kindsOf(store, driver.id)).length, 3);
  });

  test("a resume keeps a time that has not come", async ({ store }) => {
    const driver = await drive(store, { availableAt: 9_999_999_999_999 });
    await driver.control("pause");
    await driver.control("resume");
    deepEqual([(await driver.record()).availableAt, await driver.claim()], [9_999_999_999_999, null]);
  });

  retryTests(test);
}

function retryTests(test: Register): void {
  const failed = async (store: Store, changes = {}) => {
    const driver = await drive(store, { maxAttempts: 1, ...changes });
    await driver.claim();
    await store.jobs.checkpoint([{ ...driver.lease(), seq: 3, cursor: "c", progress: PROGRESS }]);
    await driver.settle("fail");
    return driver;
  };

  test("a retry goes on at the checkpoint with fresh attempts", async ({ store }) => {
    const driver = await failed(store);
    await driver.control("retry");
    const job = await driver.record();
    deepEqual([job.state, job.run, job.attempt, job.crashCount, job.error], ["queued", 1, 1, 0, null]);
    deepEqual([job.finishedAt, job.checkpoint.seq, job.checkpoint.cursor, job.progress], [null, 3, "c", PROGRESS]);
    ok(await driver.claim());
  });

  test("a retry from the start forgets the checkpoint and counts a run", async ({ store }) => {
    const driver = await failed(store);
    await driver.control("retry", { fromStart: true });
    const job = await driver.record();
    deepEqual([job.run, job.checkpoint, job.progress.done], [2, { seq: 3, cursor: null, savedAt: null }, 0]);
  });

  test("a rolled back job is done anew from the start, forward", async ({ store }) => {
    const driver = await failed(store, { canRollback: true });
    await driver.control("rollback");
    const undoing = await driver.record();
    deepEqual([undoing.state, undoing.phase, undoing.checkpoint.cursor], ["queued", "rollback", null]);
    await driver.claim();
    await driver.settle("succeed");
    await driver.control("retry");
    const job = await driver.record();
    deepEqual([job.state, job.phase, job.run, job.checkpoint.cursor], ["queued", "forward", 2, null]);
  });

  test("a rollback that failed goes on at its own checkpoint", async ({ store }) => {
    const driver = await failed(store, { canRollback: true });
    await driver.control("rollback");
    await driver.claim();
    await driver.settle("fail", { checkpoint: { seq: 9, cursor: "half undone" } });
    equal((await driver.record()).state, "rollback_failed");
    await driver.control("rollback");
    const job = await driver.record();
    deepEqual([job.state, job.phase, job.attempt, job.checkpoint.cursor], ["queued", "rollback", 1, "half undone"]);
  });
}
