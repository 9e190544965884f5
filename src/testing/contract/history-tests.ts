// History and logs: complete, in order, bounded.
import { deepEqual, equal } from "node:assert/strict";
import type { Action } from "../../domain/lifecycle.ts";
import type { LogWrite } from "../../ports/store.ts";
import { PLENTY, PROGRESS, type Register } from "./context.ts";
import { type Driver, drive, newId } from "./store-driver.ts";

export function historyTests(test: Register): void {
  test("every change leaves an entry that says who, why and where the job stood", async ({ store }) => {
    const driver = await drive(store, { actor: "ann" });
    await driver.claim();
    await driver.control("pause", { actor: "bob", reason: "why" });
    await driver.settle("halt", { cause: "pause" });
    await driver.control("cancel", { rollback: false });
    const entries = await store.history.history(driver.id, PLENTY);
    const worker = `worker:${driver.workerId}`;
    deepEqual(
      entries.map((entry) => [entry.seq, entry.kind, entry.actor, entry.reason, entry.state, entry.phase]),
      [
        [1, "submit", "ann", null, "queued", "forward"],
        [2, "claim", worker, null, "running", "forward"],
        [3, "pause", "bob", "why", "pausing", "forward"],
        [4, "halt", worker, null, "paused", "forward"],
        [5, "cancel", "tester", null, "cancelled", "forward"],
      ],
    );
    deepEqual(
      entries.map((entry) => entry.data),
      [null, { worker: driver.workerId }, null, { cause: "pause" }, { rollback: false, force: false }],
    );
  });

  test("a failure, a crash and a retry say what they were about", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.settle("fail");
    await driver.control("retry", { fromStart: true });
    await driver.claim();
    await driver.lose(5);
    const data = (await store.history.history(driver.id, { after: 2, limit: 10 })).map((entry) => [
      entry.kind,
      entry.data,
    ]);
    deepEqual(data, [
      ["fail", { code: "error", message: "It broke." }],
      ["retry", { from: "start" }],
      ["claim", { worker: driver.workerId }],
      ["lost", { worker: driver.workerId }],
    ]);
  });

  test("a claim says where a job that was begun before goes on", async ({ store }) => {
    const driver = await drive(store, { canRollback: true });
    await driver.claim();
    const checkpoint = { seq: 7, cursor: { row: 41_200 } };
    await driver.settle("halt", { cause: "drain", checkpoint, progress: { ...PROGRESS, done: 41_200, unit: "rows" } });
    await driver.claim();
    await driver.settle("succeed");
    // What was reached is nothing to an undo.
    await driver.control("rollback");
    await driver.claim();
    const claims = (await store.history.history(driver.id, PLENTY)).filter(({ kind }) => kind === "claim");
    const worker = driver.workerId;
    deepEqual(
      claims.map(({ data }) => data),
      [{ worker }, { worker, from: { checkpoint: 7, done: 41_200, unit: "rows" } }, { worker }],
    );
  });

  test("pages go on after a seq", async ({ store }) => {
    const driver = await drive(store);
    for (let round = 0; round < 5; round += 1) {
      await driver.control("pause");
      await driver.control("resume");
    }
    const seqs = async (after: number, limit: number) =>
      (await store.history.history(driver.id, { after, limit })).map((entry) => entry.seq);
    deepEqual([await seqs(0, 3), await seqs(3, 3), await seqs(10, 5)], [[1, 2, 3], [4, 5, 6], [11]]);
    deepEqual([await seqs(11, 5), await store.history.history(newId(), PLENTY)], [[], []]);
  });

  test("entries have no gaps when everybody asks at once", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const actions: Action[] = ["pause", "resume", "cancel", "terminate", "retry", "rollback"];
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        driver.control(actions[index % actions.length] ?? "pause", { requestId: index % 2 === 0 ? `r${index}` : null }),
      ),
    );
    await driver.settle("halt");
    const entries = await store.history.history(driver.id, PLENTY);
    deepEqual(
      entries.map((entry) => entry.seq),
      entries.map((_, index) => index + 1),
    );
  });

  test("log lines are numbered per job, kept up to a bound, and read page by page", async ({ store }) => {
    const [a, b] = [await drive(store), await drive(store)];
    await a.claim();
    await b.claim();
    const line = (driver: Driver, message: string): LogWrite => ({
      ...driver.lease(),
      at: 5,
      level: "warn",
      message,
      fields: { m: message },
    });
    const lines = Array.from({ length: 10 }, (_, index) => line(index % 2 === 0 ? a : b, `m${index}`));
    equal(await store.logs.appendLogs(lines, { keep: 3 }), 10);
    equal(await store.logs.appendLogs([line(a, "last \u0000 \n")], { keep: 3 }), 1);
    const ofA = await store.logs.logs(a.id, PLENTY);
    deepEqual(
      ofA.map((entry) => [entry.seq, entry.message]),
      [
        [4, "m6"],
        [5, "m8"],
        [6, "last \u0000 \n"],
      ],
    );
    deepEqual(ofA[0], { seq: 4, at: 5, level: "warn", message: "m6", fields: { m: "m6" } });
    deepEqual(
      (await store.logs.logs(b.id, { after: 3, limit: 1 })).map((entry) => entry.message),
      ["m7"],
    );
  });
}
