// Results of steps: remembered once, of one run and phase, and fenced as every write of an attempt.
import { deepEqual, equal } from "node:assert/strict";
import type { Store } from "../../ports/store.ts";
import type { Register } from "./context.ts";
import { drive, newId, newJob } from "./store-driver.ts";
import { staleLeases, takeOver } from "./takeover.ts";

export function stepTests(test: Register): void {
  const names = async (store: Store, id: string) => (await store.steps.steps(id)).map((step) => step.name);

  test("steps come back with their results, in the order in which they were remembered", async ({ store }) => {
    const [driver, other] = [await drive(store), await drive(store)];
    for (const each of [driver, other]) await each.claim();
    const results = [{ a: [1, null] }, null, "\u0000 \ud800", 0.5];
    for (const [index, result] of results.entries()) {
      equal(await store.steps.saveStep(driver.lease(), { name: `step ${9 - index}`, result }), true);
      await store.steps.saveStep(other.lease(), { name: "of another job", result: index });
    }
    deepEqual(
      await store.steps.steps(driver.id),
      results.map((result, index) => ({ name: `step ${9 - index}`, result })),
    );
    deepEqual(await store.steps.steps(other.id), [{ name: "of another job", result: 0 }]);
    deepEqual(await store.steps.steps(newId()), []);
  });

  test("a remembered step keeps its first result", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    equal(await store.steps.saveStep(driver.lease(), { name: "s", result: 1 }), true);
    equal(await store.steps.saveStep(driver.lease(), { name: "s", result: 2 }), true);
    deepEqual(await store.steps.steps(driver.id), [{ name: "s", result: 1 }]);
  });

  test("steps outlive the attempt, a crash and a pause", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await store.steps.saveStep(driver.lease(), { name: "first", result: 1 });
    await driver.control("pause");
    await driver.settle("halt");
    await driver.control("resume");
    await driver.claim();
    await store.steps.saveStep(driver.lease(), { name: "second", result: 2 });
    await driver.lose(100);
    deepEqual(await names(store, driver.id), ["first", "second"]);
  });

  test("a start from the beginning forgets steps, a retry from the checkpoint keeps them", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await store.steps.saveStep(driver.lease(), { name: "s", result: 1 });
    await driver.settle("fail");
    await driver.control("retry");
    deepEqual(await names(store, driver.id), ["s"]);
    await driver.claim();
    await driver.settle("fail");
    await driver.control("retry", { fromStart: true });
    deepEqual(await names(store, driver.id), []);
    await driver.claim();
    await store.steps.saveStep(driver.lease(), { name: "s", result: 2 });
    deepEqual(await store.steps.steps(driver.id), [{ name: "s", result: 2 }]);
  });

  test("a rollback has steps of its own, and keeps them when it goes on", async ({ store }) => {
    const driver = await drive(store, { canRollback: true });
    await driver.claim();
    await store.steps.saveStep(driver.lease(), { name: "s", result: "done" });
    await driver.control("cancel");
    await driver.settle("halt");
    deepEqual(await names(store, driver.id), []);
    await driver.claim();
    await store.steps.saveStep(driver.lease(), { name: "s", result: "undone" });
    await driver.settle("fail");
    await driver.control("rollback");
    deepEqual(await store.steps.steps(driver.id), [{ name: "s", result: "undone" }]);
  });

  test("a step counts as progress: it forgives crashes and ends a stall", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.lose(100);
    const lease = await takeOver(store, driver);
    await store.jobs.mark(lease, "stalled");
    await store.steps.saveStep(lease, { name: "s", result: null });
    const { crashCount, stalled } = await driver.record();
    deepEqual([crashCount, stalled], [0, false]);
  });

  test("a stale token or another worker remembers nothing", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.settle("halt");
    await driver.claim();
    const before = await driver.record();
    for (const lease of staleLeases(driver.lease())) {
      equal(await store.steps.saveStep(lease, { name: "s", result: 1 }), false);
    }
    deepEqual([await names(store, driver.id), await driver.record()], [[], before]);
  });

  test("steps that are remembered at once are all there, each once", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const save = (name: string) => store.steps.saveStep(driver.lease(), { name, result: name });
    const saved = Array.from({ length: 100 }, (_, index) => `s${index % 50}`);
    await Promise.all(saved.map(save));
    deepEqual((await names(store, driver.id)).sort(), [...new Set(saved)].sort());
  });

  test("a removed job takes its steps with it", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await store.steps.saveStep(driver.lease(), { name: "s", result: 1 });
    await driver.settle("succeed");
    await store.jobs.remove(driver.id, { force: false });
    deepEqual(await names(store, driver.id), []);
    const next = newJob();
    await store.jobs.insert([next]);
    deepEqual(await names(store, next.id), []);
  });
}
