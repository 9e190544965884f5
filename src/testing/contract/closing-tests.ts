// A store that is closed, and one that is open.
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { NEWEST, one, type Register, recordOf, withCode } from "./context.ts";
import { newId, newJob } from "./store-driver.ts";

export function closingTests(test: Register): void {
  test("a store that is closed has finished what was under way, and refuses the rest", async ({ store }) => {
    const jobs = Array.from({ length: 20 }, () => newJob());
    const underWay = jobs.map((job) => store.jobs.insert([job]));
    await Promise.all([store.close(), store.close()]);
    ok((await Promise.all(underWay)).every((result) => one(result).kind === "inserted"));
    await store.close();
    const refused = withCode("store_unavailable");
    await rejects(store.jobs.insert([newJob()]), refused);
    await rejects(store.jobs.get([newId()]), refused);
    await rejects(store.jobs.list(NEWEST), refused);
    await rejects(store.ping(), refused);
  });

  test("a store says what time it is by the clock that its times come from", async ({ store, advance }) => {
    const job = newJob();
    await store.jobs.insert([job]);
    const { createdAt } = await recordOf(store, job.id);
    equal(store.now(), createdAt);
    await advance(5_000);
    equal(store.now(), createdAt + 5_000);
  });

  test("a store that is open answers", async ({ store }) => {
    await store.ping();
    deepEqual(await store.jobs.get([]), []);
    deepEqual([await store.jobs.insert([]), await store.jobs.settle([]), await store.jobs.control([])], [[], [], []]);
  });
}
