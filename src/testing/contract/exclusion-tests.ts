// Keys and exclusive groups: one unfinished job holds each.
import { deepEqual, equal, ok } from "node:assert/strict";
import { one, type Register } from "./context.ts";
import { drive, newJob, request } from "./store-driver.ts";

export function exclusionTests(test: Register): void {
  test("of two with the same key or group the first is inserted, and the other told who holds it", async ({
    store,
  }) => {
    const [a, b, c, d] = [
      newJob({ key: "k" }),
      newJob({ key: "k" }),
      newJob({ exclusiveGroup: "g" }),
      newJob({ exclusiveGroup: "g", key: "other" }),
    ];
    const results = await store.jobs.insert([a, b, c, d]);
    deepEqual(
      results.map((result) => result.kind),
      ["inserted", "key_taken", "inserted", "exclusive_group_taken"],
    );
    deepEqual(results[1], { kind: "key_taken", holder: a.id });
    deepEqual(results[3], { kind: "exclusive_group_taken", holder: c.id });
    equal((await store.jobs.get([b.id, d.id])).length, 0);
  });

  test("one of many who want a key at once gets it", async ({ store }) => {
    const jobs = Array.from({ length: 50 }, () => newJob({ key: "k" }));
    const results = (await Promise.all(jobs.map((job) => store.jobs.insert([job])))).map(one);
    const winners = jobs.filter((_, index) => results[index]?.kind === "inserted");
    equal(winners.length, 1);
    ok(
      results.every(
        (result) => result.kind === "inserted" || (result.kind === "key_taken" && result.holder === winners[0]?.id),
      ),
    );
  });

  test("a key is free when its job is finished, and held while it is undone", async ({ store }) => {
    const insert = async () => one(await store.jobs.insert([newJob({ key: "k" })])).kind;
    const driver = await drive(store, { key: "k", canRollback: true });
    await driver.claim();
    await driver.control("cancel");
    await driver.settle("halt");
    equal(await insert(), "key_taken");
    await driver.claim();
    await driver.settle("succeed");
    equal(await insert(), "inserted");
  });

  for (const field of ["key", "exclusiveGroup"] as const) {
    const kind = field === "key" ? "key_taken" : "exclusive_group_taken";
    test(`a retry and a rollback take the ${field} again, or are refused naming the holder`, async ({ store }) => {
      const finished = async (event: "succeed" | "fail") => {
        const driver = await drive(store, { [field]: "mine", canRollback: true });
        await driver.claim();
        await driver.settle(event);
        return driver;
      };
      const failed = await finished("fail");
      const succeeded = await finished("succeed");
      const holder = await drive(store, { [field]: "mine" });
      for (const [driver, action] of [
        [failed, "retry"],
        [succeeded, "rollback"],
      ] as const) {
        const before = await driver.record();
        deepEqual(await driver.control(action, { requestId: "r" }), { kind, job: before, holder: holder.id });
        deepEqual(await driver.record(), before);
      }
      await holder.control("cancel");
      const [first, second] = await store.jobs.control([
        request(failed.id, "retry"),
        request(succeeded.id, "rollback"),
      ]);
      equal(first?.kind, "requested");
      deepEqual([second?.kind, second?.kind === kind && second.holder], [kind, failed.id]);
      equal(one(await store.jobs.insert([newJob({ [field]: "mine" })])).kind, kind);
    });
  }
}
