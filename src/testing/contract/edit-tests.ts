// Editing a job that waits or is paused: what is given changes, what is left out stays, and what runs is left alone.
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Notice } from "../../ports/notifier.ts";
import type { EditWrite, Store } from "../../ports/store.ts";
import { kindsOf, NEWEST, one, PLENTY, type Register, recordOf } from "./context.ts";
import { claimable, drive, newId, newJob, registerWorker, request } from "./store-driver.ts";

const edit = (id: string, changes: Partial<EditWrite>): EditWrite => ({ id, actor: "ann", reason: null, ...changes });

const inputOf = (input: NonNullable<EditWrite["input"]>["input"], changes: Partial<EditWrite["input"]> = {}) => ({
  input,
  exclusiveGroup: null,
  concurrencyKey: null,
  secretFields: [],
  fileIds: [],
  ...changes,
});

const upload = () => ({
  id: newId(),
  jobId: null,
  kind: "upload" as const,
  name: "a.csv",
  mediaType: "text/csv",
  size: 3,
  sha256: "ab",
});

async function ownerOf(store: Store, fileId: string): Promise<string | null> {
  return one(await store.files.getFiles([fileId])).jobId;
}

export function editTests(test: Register): void {
  test("what is given changes, and everything else stays", async ({ store, advance }) => {
    const driver = await drive(store, { labels: { a: "b" }, input: { n: 1 }, priority: 1, concurrencyKey: "k" });
    const before = await driver.record();
    await advance(10);
    const priority = await store.jobs.edit(edit(driver.id, { priority: 7 }));
    deepEqual(priority, { kind: "edited", job: { ...before, priority: 7 } });
    const availableAt = before.createdAt + 60_000;
    await store.jobs.edit(edit(driver.id, { availableAt, maxAttempts: 9 }));
    deepEqual(await driver.record(), { ...before, priority: 7, availableAt, maxAttempts: 9 });
    await store.jobs.edit(
      edit(driver.id, { input: inputOf({ n: 2 }, { concurrencyKey: "l", exclusiveGroup: "g", secretFields: ["n"] }) }),
    );
    const after = await driver.record();
    deepEqual(
      [after.input, after.concurrencyKey, after.exclusiveGroup, after.secretFields, after.labels],
      [{ n: 2 }, "l", "g", ["n"], { a: "b" }],
    );
  });

  test("the input of a job that has started stays, and the rest can be changed", async ({ store }) => {
    const driver = await drive(store, { input: { n: 1 } });
    await driver.claim();
    await store.jobs.control([request(driver.id, "pause")]);
    await driver.settle("halt");
    equal((await store.jobs.edit(edit(driver.id, { input: inputOf({ n: 2 }), priority: 7 }))).kind, "refused");
    equal((await store.jobs.edit(edit(driver.id, { priority: 8 }))).kind, "edited");
    const { state, input, priority } = await driver.record();
    deepEqual([state, input, priority], ["paused", { n: 1 }, 8]);
  });

  test("the history says who edited what and why, and never to what", async ({ store }) => {
    const driver = await drive(store);
    const changes = { reason: "too slow", priority: 1, availableAt: null, labels: {}, maxAttempts: 2 };
    await store.jobs.edit(edit(driver.id, { ...changes, input: inputOf("secret") }));
    const [, entry] = await store.history.history(driver.id, PLENTY);
    deepEqual(
      [entry?.seq, entry?.kind, entry?.actor, entry?.reason, entry?.state],
      [2, "edit", "ann", "too slow", "queued"],
    );
    deepEqual(entry?.data, { changed: ["priority", "availableAt", "maxAttempts", "labels", "input"] });
  });

  test("a waiting job is claimed in the place that its new priority gives it", async ({ store }) => {
    const type = `type-${newId()}`;
    const jobs = [newJob({ type }), newJob({ type }), newJob({ type, priority: 5 })];
    await store.jobs.insert(jobs);
    await store.jobs.edit(edit(jobs[1]?.id ?? "", { priority: 9 }));
    await store.jobs.edit(edit(jobs[2]?.id ?? "", { priority: -1 }));
    const { jobs: claimed } = await store.jobs.claim({
      workerId: await registerWorker(store),
      types: claimable(type),
      limit: 3,
    });
    deepEqual(
      claimed.map((job) => job.id),
      [jobs[1]?.id, jobs[0]?.id, jobs[2]?.id],
    );
  });

  test("a job that waits for its time runs now, and one that waits runs later", async ({ store, advance }) => {
    const driver = await drive(store, { availableAt: 9_000_000_000_000 });
    equal(await driver.claim(), null);
    await advance(5);
    const now = await store.jobs.edit(edit(driver.id, { availableAt: null }));
    ok(now.kind === "edited");
    equal(now.job.availableAt, now.job.createdAt + 5);
    await store.jobs.edit(edit(driver.id, { availableAt: now.job.availableAt + 1_000 }));
    equal(await driver.claim(), null);
    await advance(1_000);
    ok(await driver.claim());
  });

  test("a paused job is edited and stays paused", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.control("pause");
    await driver.settle("halt");
    equal((await store.jobs.edit(edit(driver.id, { availableAt: null, priority: 3 }))).kind, "edited");
    const job = await driver.record();
    deepEqual([job.state, job.priority], ["paused", 3]);
    deepEqual((await kindsOf(store, driver.id)).at(-1), "edit");
  });

  test("a job that is held, finished or gone is not edited", async ({ store }) => {
    const driver = await drive(store);
    const refused = async () => {
      const before = await driver.record();
      const entries = await kindsOf(store, driver.id);
      deepEqual(await store.jobs.edit(edit(driver.id, { priority: 3, input: inputOf(2) })), {
        kind: "refused",
        job: before,
      });
      deepEqual([await driver.record(), await kindsOf(store, driver.id)], [before, entries]);
    };
    await driver.claim();
    await refused();
    await driver.control("pause");
    await refused();
    await driver.control("cancel");
    await refused();
    await driver.settle("halt");
    await refused();
    deepEqual(await store.jobs.edit(edit(newId(), { priority: 3 })), { kind: "missing" });
  });

  test("a job that waits for its rollback keeps its input, and the rest of it is edited", async ({ store }) => {
    const driver = await drive(store, { canRollback: true, input: "done with this" });
    const kept = async () => {
      const before = await driver.record();
      const entries = await kindsOf(store, driver.id);
      const write = edit(driver.id, { priority: 3, input: inputOf("another") });
      deepEqual(await store.jobs.edit(write), { kind: "refused", job: before });
      deepEqual([await driver.record(), await kindsOf(store, driver.id)], [before, entries]);
    };
    await driver.claim();
    await driver.control("cancel");
    await driver.settle("halt");
    equal((await driver.record()).phase, "rollback");
    await kept();
    await driver.control("pause");
    await kept();
    equal((await store.jobs.edit(edit(driver.id, { priority: 4 }))).kind, "edited");
  });

  test("an input that was made of another one counts only as long as that one is there", async ({ store }) => {
    for (const [first, second] of [
      [{ n: 1, "": "\u0000\ud800" }, { n: 2 }],
      ["x".repeat(9_000), "y".repeat(9_000)],
      [null, "z".repeat(9_000)],
    ] as const) {
      const driver = await drive(store, { input: first });
      await store.jobs.edit(edit(driver.id, { priority: 1 }));
      const write = edit(driver.id, { input: inputOf(second), expectedInput: first });
      equal((await store.jobs.edit(write)).kind, "edited");
      const before = await driver.record();
      const entries = await kindsOf(store, driver.id);
      deepEqual(await store.jobs.edit({ ...write, priority: 2 }), { kind: "changed_meanwhile", job: before });
      deepEqual([await driver.record(), await kindsOf(store, driver.id)], [before, entries]);
      await driver.claim();
      equal((await store.jobs.edit(write)).kind, "refused");
    }
  });

  test("an input changes between small and large, and nothing of the other is left", async ({ store }) => {
    const driver = await drive(store, { input: "x".repeat(5_000) });
    for (const input of ["small", "y".repeat(9_000), { z: "z".repeat(4_000) }, null]) {
      await store.jobs.edit(edit(driver.id, { input: inputOf(input) }));
      deepEqual((await driver.record()).input, input);
    }
    await driver.control("cancel");
    await store.jobs.remove(driver.id, { force: false });
    const next = await drive(store, { input: 1 });
    equal((await next.record()).input, 1);
  });

  test("an input that takes a held group is refused naming the holder, and nothing is changed", async ({ store }) => {
    const holder = await drive(store, { exclusiveGroup: "g" });
    const driver = await drive(store, { exclusiveGroup: "mine", input: 1 });
    const before = await driver.record();
    const write = edit(driver.id, { priority: 4, input: inputOf(2, { exclusiveGroup: "g" }) });
    deepEqual(await store.jobs.edit(write), { kind: "exclusive_group_taken", job: before, holder: holder.id });
    deepEqual([await driver.record(), await kindsOf(store, driver.id)], [before, ["submit"]]);
    await holder.control("cancel");
    equal((await store.jobs.edit(write)).kind, "edited");
    equal((await store.jobs.edit({ ...write, priority: 5 })).kind, "edited");
    deepEqual(
      (await store.jobs.insert([newJob({ exclusiveGroup: "g" }), newJob({ exclusiveGroup: "mine" })])).map(
        (result) => result.kind,
      ),
      ["exclusive_group_taken", "inserted"],
    );
  });

  test("a job is found by its new labels, and by the old ones no more", async ({ store }) => {
    const driver = await drive(store, { labels: { team: "a", kept: "x" } });
    await store.jobs.edit(edit(driver.id, { labels: { team: "b", kept: "x" } }));
    deepEqual((await driver.record()).labels, { team: "b", kept: "x" });
    const found = async (label: string) => (await store.jobs.list({ ...NEWEST, label })).map((job) => job.id);
    deepEqual([await found("team:a"), await found("team:b"), await found("kept:x")], [[], [driver.id], [driver.id]]);
    await store.jobs.edit(edit(driver.id, { labels: {} }));
    deepEqual([(await driver.record()).labels, await found("kept:x")], [{}, []]);
  });

  test("an input's files belong to the job, and those that it leaves out are given back", async ({ store }) => {
    const [first, second, shared] = [upload(), upload(), upload()];
    for (const file of [first, second, shared]) await store.files.insertFile(file);
    const other = newJob({ fileIds: [shared.id] });
    const driver = await drive(store, { fileIds: [first.id] });
    await store.jobs.insert([other]);
    await store.jobs.edit(edit(driver.id, { input: inputOf(1, { fileIds: [second.id, shared.id] }) }));
    deepEqual([await ownerOf(store, first.id), await ownerOf(store, second.id)], [null, driver.id]);
    await store.jobs.edit(edit(driver.id, { input: inputOf(2, { fileIds: [second.id] }) }));
    deepEqual([await ownerOf(store, shared.id), await ownerOf(store, second.id)], [other.id, driver.id]);
    await store.jobs.edit(edit(driver.id, { priority: 1 }));
    await driver.control("cancel");
    deepEqual(await store.jobs.remove(driver.id, { force: false }), { kind: "removed", fileIds: [second.id] });
  });

  test("an edit is told, and so is that the job can be claimed", async ({ store }) => {
    const driver = await drive(store, { availableAt: 9_000_000_000_000 });
    const heard: Notice[] = [];
    store.notifier.subscribe((notice) => heard.push(notice));
    await store.jobs.edit(edit(driver.id, { priority: 1 }));
    deepEqual(
      heard.splice(0).map((notice) => notice.kind),
      ["changed"],
    );
    await store.jobs.edit(edit(driver.id, { availableAt: null }));
    const work = heard.flatMap((notice) => (notice.kind === "work" ? [notice.inMs] : []));
    deepEqual([heard.splice(0).map((notice) => notice.kind), work], [["changed", "work"], [0]]);
    await driver.claim();
    heard.length = 0;
    await store.jobs.edit(edit(driver.id, { priority: 2 }));
    deepEqual(heard, []);
    equal((await recordOf(store, driver.id)).priority, 1);
  });

  test("of an edit and a claim at once, the claim gets the job as it was or as it is", async ({ store }) => {
    for (let round = 0; round < 20; round += 1) {
      const driver = await drive(store, { input: "old" });
      const [claimed, edited] = await Promise.all([
        driver.claim(),
        store.jobs.edit(edit(driver.id, { input: inputOf("new") })),
      ]);
      // A claim may step over a job that is written to at this moment; the next one does not.
      const { input } = claimed ?? (await driver.claim()) ?? {};
      equal(input, edited.kind === "edited" ? "new" : "old");
    }
  });
}
