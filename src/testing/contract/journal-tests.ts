// The journal: written in order, undone newest first, numbered once for the whole life of a job.
import { deepEqual, equal } from "node:assert/strict";
import type { Store } from "../../ports/store.ts";
import type { Register } from "./context.ts";
import { drive, newId, newJob } from "./store-driver.ts";
import { staleLeases, takeOver } from "./takeover.ts";

export function journalTests(test: Register): void {
  const seqs = async (store: Store, id: string, limit = 10_000) =>
    (await store.journal.newest(id, { limit })).map((entry) => entry.seq);

  test("entries are numbered in the order in which they came, and read newest first", async ({ store }) => {
    const [driver, other] = [await drive(store), await drive(store)];
    for (const each of [driver, other]) await each.claim();
    equal(await store.journal.append(driver.lease(), [{ team: "a" }, null]), true);
    equal(await store.journal.append(other.lease(), ["of another job"]), true);
    equal(await store.journal.append(driver.lease(), ["\u0000 \ud800"]), true);
    deepEqual(await store.journal.newest(driver.id, { limit: 10 }), [
      { seq: 3, entry: "\u0000 \ud800" },
      { seq: 2, entry: null },
      { seq: 1, entry: { team: "a" } },
    ]);
    deepEqual(await seqs(store, driver.id, 2), [3, 2]);
    deepEqual([await store.journal.size(driver.id), await store.journal.size(other.id)], [3, 1]);
    deepEqual([await seqs(store, newId()), await store.journal.size(newId())], [[], 0]);
  });

  test("a thousand entries go in and out at once", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const entries = Array.from({ length: 1_000 }, (_, index) => ({ index }));
    await store.journal.append(driver.lease(), entries);
    await store.journal.append(driver.lease(), entries);
    const newest = await store.journal.newest(driver.id, { limit: 1_000 });
    deepEqual([newest.length, newest[0], newest.at(-1)?.seq], [1_000, { seq: 2_000, entry: { index: 999 } }, 1_001]);
    const undone = newest.map((entry) => entry.seq);
    equal(await store.journal.remove(driver.lease(), undone), true);
    deepEqual([await store.journal.size(driver.id), (await seqs(store, driver.id))[0]], [1_000, 1_000]);
  });

  test("a number is never given twice, also when its entry is gone, in no run", async ({ store }) => {
    const driver = await drive(store, { canRollback: true });
    await driver.claim();
    await store.journal.append(driver.lease(), ["a", "b"]);
    await driver.control("cancel");
    await driver.settle("halt");
    await driver.claim();
    equal(await store.journal.remove(driver.lease(), [2, 1, 77]), true);
    deepEqual([await seqs(store, driver.id), await store.journal.size(driver.id)], [[], 0]);
    await driver.settle("succeed");
    await driver.control("retry");
    await driver.claim();
    await store.journal.append(driver.lease(), ["c"]);
    deepEqual(await store.journal.newest(driver.id, { limit: 5 }), [{ seq: 3, entry: "c" }]);
    await store.journal.remove(driver.lease(), [3]);
    await store.journal.remove(driver.lease(), [3]);
    equal(await store.journal.size(driver.id), 0);
  });

  test("what was written before a crash or an entry into rollback is there to be undone", async ({ store }) => {
    const driver = await drive(store, { canRollback: true });
    await driver.claim();
    await store.journal.append(driver.lease(), ["a"]);
    await driver.lose(100);
    const lease = await takeOver(store, driver);
    await store.journal.append(lease, ["b"]);
    await store.jobs.settle([{ ...lease, event: "succeed" }]);
    await driver.control("rollback");
    deepEqual(
      (await store.journal.newest(driver.id, { limit: 5 })).map((entry) => entry.entry),
      ["b", "a"],
    );
  });

  test("appends that are made at once are numbered without gaps, and each stays together", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => store.journal.append(driver.lease(), [`${index} a`, `${index} b`])),
    );
    const entries = (await store.journal.newest(driver.id, { limit: 100 })).toReversed();
    deepEqual(
      entries.map((entry) => entry.seq),
      entries.map((_, index) => index + 1),
    );
    for (let index = 0; index < entries.length; index += 2) {
      equal(String(entries[index]?.entry).replace("a", "b"), entries[index + 1]?.entry);
    }
  });

  test("both appending and removing count as progress", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.lose(100);
    const lease = await takeOver(store, driver);
    await store.journal.append(lease, ["a"]);
    equal((await driver.record()).crashCount, 0);
    await store.jobs.mark(lease, "stalled");
    await store.journal.remove(lease, [1]);
    equal((await driver.record()).stalled, false);
  });

  test("a stale token or another worker neither writes nor removes", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.settle("halt");
    await driver.claim();
    await store.journal.append(driver.lease(), ["a"]);
    for (const lease of staleLeases(driver.lease())) {
      equal(await store.journal.append(lease, ["b"]), false);
      equal(await store.journal.remove(lease, [1]), false);
    }
    deepEqual(await store.journal.newest(driver.id, { limit: 5 }), [{ seq: 1, entry: "a" }]);
    equal(await store.journal.size(driver.id), 1);
  });

  test("a removed job takes its journal with it", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await store.journal.append(driver.lease(), ["a"]);
    await driver.settle("succeed");
    await store.jobs.remove(driver.id, { force: false });
    deepEqual([await seqs(store, driver.id), await store.journal.size(driver.id)], [[], 0]);
    const next = newJob();
    await store.jobs.insert([next]);
    deepEqual([await seqs(store, next.id), await store.journal.size(next.id)], [[], 0]);
  });
}
