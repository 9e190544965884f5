// Submits that belong together: all or none, and repeatable with a key.
import { deepEqual, equal } from "node:assert/strict";
import type { Notice } from "../../ports/notifier.ts";
import type { Idempotency, NewJob, Store } from "../../ports/store.ts";
import { NEWEST, one, type Register } from "./context.ts";
import { drive, newId, newJob } from "./store-driver.ts";

const ONCE = { idempotency: null };

const keyed = (changes: Partial<Idempotency> = {}) => ({
  idempotency: { caller: "ann", key: "k", digest: "d", keepMs: 60_000, ...changes },
});

const kindOf = async (store: Store, jobs: readonly NewJob[], options: { readonly idempotency: Idempotency | null }) =>
  (await store.jobs.insertTogether(jobs, options)).kind;

export function togetherTests(test: Register): void {
  const countOf = async (store: Store) => (await store.jobs.list(NEWEST)).length;

  test("jobs that are submitted together are all there, with all that they have", async ({ store }) => {
    const file = { id: newId(), jobId: null, kind: "upload" as const, name: "a", mediaType: "t", size: 1, sha256: "0" };
    await store.files.insertFile(file);
    const jobs = [
      newJob({ labels: { a: "b" }, input: "x".repeat(5_000) }),
      newJob({ key: "k", fileIds: [file.id] }),
      newJob({ queue: "other", exclusiveGroup: "g" }),
    ];
    const result = await store.jobs.insertTogether(jobs, ONCE);
    deepEqual(
      (await store.jobs.get(jobs.map((job) => job.id))).map((job) => job.id).sort(),
      jobs.map((job) => job.id),
    );
    const [large] = await store.jobs.get([jobs[0]?.id ?? ""]);
    deepEqual(result, { kind: "inserted", at: large?.createdAt });
    equal(large?.input, jobs[0]?.input);
    equal((await store.jobs.list({ ...NEWEST, label: "a:b" })).length, 1);
    equal(one(await store.files.getFiles([file.id])).jobId, jobs[1]?.id);
  });

  test("one refused member keeps all others out, and is named", async ({ store }) => {
    const holder = await drive(store, { key: "taken", exclusiveGroup: "g" });
    const fine = () => newJob({ labels: { a: "b" }, input: "x".repeat(5_000) });
    const refused = async (member: NewJob, kind: string) => {
      deepEqual(await store.jobs.insertTogether([fine(), fine(), member, fine()], ONCE), {
        kind: "refused",
        index: 2,
        result: { kind, holder: holder.id },
      });
    };
    await refused(newJob({ key: "taken" }), "key_taken");
    await refused(newJob({ exclusiveGroup: "g" }), "exclusive_group_taken");
    const twice = [newJob({ key: "new" }), fine(), newJob({ key: "new" })];
    deepEqual(await store.jobs.insertTogether(twice, ONCE), {
      kind: "refused",
      index: 2,
      result: { kind: "key_taken", holder: twice[0]?.id },
    });
    deepEqual([await countOf(store), (await store.jobs.list({ ...NEWEST, label: "a:b" })).length], [1, 0]);
    equal(await kindOf(store, [newJob({ key: "new" })], ONCE), "inserted");
  });

  test("a queue that has no room for all of them gets none, and what was refused fills no queue", async ({ store }) => {
    const limited = (queue: string, queueLimit = 3) => newJob({ queue, queueLimit });
    await store.jobs.insert([limited("a")]);
    deepEqual(await store.jobs.insertTogether([limited("b"), limited("a"), limited("a"), limited("a")], ONCE), {
      kind: "refused",
      index: 3,
      result: { kind: "queue_full" },
    });
    equal(await kindOf(store, [limited("a"), limited("b"), limited("a")], ONCE), "inserted");
    equal(await kindOf(store, [limited("b"), limited("b")], ONCE), "inserted");
    deepEqual(await store.jobs.insertTogether([limited("b")], ONCE), {
      kind: "refused",
      index: 0,
      result: { kind: "queue_full" },
    });
    equal(await countOf(store), 6);
  });

  test("of the reasons for a refusal, the first member's counts", async ({ store }) => {
    await store.jobs.insert([newJob({ key: "k" })]);
    const [full, taken] = [newJob({ queue: "q", queueLimit: 0 }), newJob({ key: "k", queue: "r" })];
    const refusalOf = async (jobs: readonly NewJob[]) => {
      const result = await store.jobs.insertTogether(jobs, ONCE);
      return result.kind === "refused" ? [result.index, result.result.kind] : [];
    };
    deepEqual(await refusalOf([newJob(), full, taken]), [1, "queue_full"]);
    deepEqual(await refusalOf([newJob(), taken, full]), [1, "key_taken"]);
  });

  test("jobs that are there already are not inserted twice", async ({ store }) => {
    const jobs = [newJob({ queueLimit: 2 }), newJob({ queueLimit: 2 })];
    const first = await store.jobs.insertTogether(jobs, ONCE);
    deepEqual(await store.jobs.insertTogether(jobs, ONCE), first);
    equal(await countOf(store), 2);
    equal(one(await store.jobs.insert([newJob({ queueLimit: 3 })])).kind, "inserted");
  });

  test("the same key and digest of the same caller answer the first time's jobs", async ({ store }) => {
    const first = [newJob(), newJob()];
    equal(await kindOf(store, first, keyed()), "inserted");
    deepEqual(await store.jobs.insertTogether([newJob(), newJob()], keyed()), {
      kind: "replayed",
      ids: first.map((job) => job.id),
    });
    equal(await kindOf(store, [newJob()], keyed({ digest: "other" })), "idempotency_conflict");
    equal(await countOf(store), 2);
    equal(await kindOf(store, [newJob()], keyed({ caller: "bob" })), "inserted");
    equal(await kindOf(store, [newJob()], keyed({ key: "l" })), "inserted");
  });

  test("a replay is the same when its jobs have ended, or are gone", async ({ store }) => {
    const jobs = [newJob(), newJob()];
    const ids = jobs.map((job) => job.id);
    await store.jobs.insertTogether(jobs, keyed());
    await store.jobs.control(
      ids.map((id) => ({
        id,
        action: "cancel",
        actor: "a",
        reason: null,
        requestId: null,
        rollback: null,
        fromStart: false,
        phase: null,
      })),
    );
    await store.jobs.remove(ids[0] ?? "", { force: false });
    deepEqual(await store.jobs.insertTogether([newJob(), newJob()], keyed()), { kind: "replayed", ids });
  });

  test("a key is free again when it has expired, or when its submit was refused", async ({ store, advance }) => {
    await store.jobs.insert([newJob({ key: "taken" })]);
    equal(await kindOf(store, [newJob(), newJob({ key: "taken" })], keyed()), "refused");
    equal(await kindOf(store, [newJob()], keyed({ digest: "other", keepMs: 1_000 })), "inserted");
    await advance(999);
    equal(await kindOf(store, [newJob()], keyed({ digest: "other" })), "replayed");
    await advance(1);
    equal(await kindOf(store, [newJob()], keyed({ keepMs: 500 })), "inserted");
    equal(await kindOf(store, [newJob()], keyed({ digest: "other" })), "idempotency_conflict");
    await advance(500);
    equal(await kindOf(store, [newJob()], keyed({ digest: "other" })), "inserted");
  });

  test("of many with one key at once, one inserts and the others are replayed", async ({ store }) => {
    const submits = Array.from({ length: 20 }, () => [newJob(), newJob()]);
    const results = await Promise.all(submits.map((jobs) => store.jobs.insertTogether(jobs, keyed())));
    const winner = results.findIndex((result) => result.kind === "inserted");
    const ids = submits[winner]?.map((job) => job.id);
    equal(results.filter((result) => result.kind === "inserted").length, 1);
    for (const result of results) if (result.kind !== "inserted") deepEqual(result, { kind: "replayed", ids });
    equal(await countOf(store), 2);
  });

  test("jobs and work are told of when there are new ones, and only then", async ({ store }) => {
    const heard: Notice[] = [];
    store.notifier.subscribe((notice) => heard.push(notice));
    const kinds = () => heard.splice(0).map((notice) => notice.kind);
    await store.jobs.insertTogether([newJob({ key: "k" }), newJob()], keyed());
    deepEqual(kinds(), ["changed", "work"]);
    await store.jobs.insertTogether([newJob(), newJob()], keyed());
    await store.jobs.insertTogether([newJob()], keyed({ digest: "other" }));
    await store.jobs.insertTogether([newJob({ key: "k" })], ONCE);
    deepEqual(kinds(), []);
  });
}
