// An attempt that ends to go on later: the wait holds wherever the job goes, and what it remembers comes with it.
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Notice } from "../../ports/notifier.ts";
import { one, type Register } from "./context.ts";
import { drive } from "./store-driver.ts";
import { staleLeases, takeOver } from "./takeover.ts";

export function sleepTests(test: Register): void {
  const asleep = { step: { name: "nap", result: null }, cause: "sleep", availableInMs: 5_000 } as const;

  test("a job that halts for a while is claimed again when it is over, and not before", async ({ store, advance }) => {
    const driver = await drive(store);
    await driver.claim();
    await advance(100);
    const settled = await driver.settle("halt", asleep);
    const { state, availableAt, createdAt, attempt } = await driver.record();
    deepEqual([state, availableAt, attempt], ["queued", createdAt + 5_100, 1]);
    equal(settled?.availableAt, availableAt);
    await advance(4_999);
    equal(await driver.claim(), null);
    await advance(1);
    ok(await driver.claim());
    deepEqual(await store.steps.steps(driver.id), [{ name: "nap", result: null }]);
  });

  test("a pause that was acknowledged first holds, and the resume keeps what is left of the wait", async ({
    store,
    advance,
  }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.control("pause");
    equal((await driver.settle("halt", asleep))?.state, "paused");
    await advance(1_000);
    await driver.control("resume");
    equal(await driver.claim(), null);
    await advance(3_999);
    equal(await driver.claim(), null);
    await advance(1);
    ok(await driver.claim());
  });

  test("a job that is to be undone is claimed at once, and the step stays with what it was done in", async ({
    store,
  }) => {
    const driver = await drive(store, { canRollback: true });
    await driver.claim();
    await driver.control("cancel");
    deepEqual((await driver.settle("halt", asleep))?.phase, "rollback");
    deepEqual(await store.steps.steps(driver.id), []);
    equal((await driver.claim())?.phase, "rollback");
  });

  test("a job that waits for its time is claimed at once when it is to be undone", async ({ store }) => {
    for (const action of ["cancel", "terminate"] as const) {
      const driver = await drive(store, { canRollback: true });
      await driver.claim();
      await driver.settle("halt", asleep);
      equal(await driver.claim(), null);
      await driver.control(action, { rollback: true });
      equal((await driver.claim())?.phase, "rollback", action);
    }
    const put = await drive(store, { canRollback: true });
    await put.claim();
    await put.settle("halt");
    await store.jobs.edit({ id: put.id, actor: "ann", reason: null, availableAt: 9_000_000_000_000 });
    equal(await put.claim(), null);
    await put.control("cancel");
    equal((await put.claim())?.phase, "rollback");
  });

  test("a halt without a wait goes on at once, and one that ends cancelled waits for nothing", async ({ store }) => {
    const [drained, cancelled] = [await drive(store), await drive(store)];
    await drained.claim();
    await drained.settle("halt", { cause: "drain" });
    ok(await drained.claim());
    await cancelled.claim();
    await cancelled.control("cancel");
    equal((await cancelled.settle("halt", asleep))?.state, "cancelled");
    await cancelled.control("retry");
    ok(await cancelled.claim());
  });

  test("the announcement of the work names the end of the wait", async ({ store, advance }) => {
    const [first, second] = [await drive(store), await drive(store)];
    await first.claim();
    await second.claim();
    const heard: Notice[] = [];
    store.notifier.subscribe((notice) => heard.push(notice));
    await store.jobs.settle([
      { ...first.lease(), event: "halt", ...asleep },
      { ...second.lease(), event: "halt", ...asleep, availableInMs: 3_000 },
    ]);
    deepEqual(
      heard.flatMap((notice) => (notice.kind === "work" ? [notice.inMs] : [])),
      [3_000],
    );
    await advance(3_000);
    ok(await second.claim());
  });

  test("a step with the end of an attempt counts as progress, and keeps its first result", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.lose(100);
    const lease = await takeOver(store, driver);
    await store.steps.saveStep(lease, { name: "nap", result: "first" });
    equal((await driver.record()).crashCount, 0);
    await store.jobs.settle([{ ...lease, event: "halt", ...asleep, availableInMs: 0 }]);
    deepEqual(await store.steps.steps(driver.id), [{ name: "nap", result: "first" }]);
    const other = await drive(store);
    await other.claim();
    await other.lose(100);
    const again = await takeOver(store, other);
    await store.jobs.settle([{ ...again, event: "halt", ...asleep }]);
    equal((await other.record()).crashCount, 0);
  });

  test("without the lease neither the wait nor the step is stored", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.settle("halt");
    await driver.claim();
    const before = await driver.record();
    for (const lease of staleLeases(driver.lease())) {
      equal(one(await store.jobs.settle([{ ...lease, event: "halt", ...asleep }])), null);
    }
    deepEqual([await driver.record(), await store.steps.steps(driver.id)], [before, []]);
  });
}
