// Submits that count as one: once, throttled, debounced.
import { deepEqual, equal } from "node:assert/strict";
import type { Notice } from "../../ports/notifier.ts";
import type { Dedupe, InsertResult, NewJob, Store } from "../../ports/store.ts";
import { kindsOf, NEWEST, one, PLENTY, type Register, recordOf } from "./context.ts";
import { claimable, newId, newJob, registerWorker, request } from "./store-driver.ts";

const WINDOW_MS = 10_000;

export function dedupeTests(test: Register): void {
  const dedupe = (mode: Dedupe["mode"], changes: Partial<Dedupe> = {}): Dedupe => ({
    key: "k",
    windowMs: WINDOW_MS,
    mode,
    ...changes,
  });

  /** Submits one job; answers it with what became of it. */
  async function submit(store: Store, rule: Dedupe, changes: Partial<NewJob> = {}) {
    const job = newJob({ dedupe: rule, ...changes });
    return { id: job.id, result: one(await store.jobs.insert([job])) };
  }

  const existing = (holder: string): InsertResult => ({ kind: "existing", holder });
  const merged = (holder: string): InsertResult => ({ kind: "merged", holder });

  async function claim(store: Store): Promise<{ id: string; end(): Promise<unknown> } | null> {
    const workerId = await registerWorker(store);
    const { jobs } = await store.jobs.claim({ workerId, types: claimable("noop"), limit: 1 });
    const [job] = jobs;
    if (!job) return null;
    const lease = { id: job.id, workerId, token: job.token };
    return { id: job.id, end: () => store.jobs.settle([{ ...lease, event: "succeed" }]) };
  }

  const cancel = (store: Store, id: string) => store.jobs.control([request(id, "cancel")]);

  test("once: the first of a window stands for the others, whatever became of it", async ({ store, advance }) => {
    const first = await submit(store, dedupe("once"), { input: 1 });
    equal(first.result.kind, "inserted");
    deepEqual((await submit(store, dedupe("once"), { input: 2 })).result, existing(first.id));
    await cancel(store, first.id);
    deepEqual((await submit(store, dedupe("once"))).result, existing(first.id));
    await store.jobs.remove(first.id, { force: false });
    await advance(WINDOW_MS - 1);
    deepEqual((await submit(store, dedupe("once"))).result, existing(first.id));
    await advance(1);
    const next = await submit(store, dedupe("once"), { input: 3 });
    equal(next.result.kind, "inserted");
    deepEqual(
      (await store.jobs.list(NEWEST)).map((job) => job.id),
      [next.id],
    );
    deepEqual((await submit(store, dedupe("once"))).result, existing(next.id));
  });

  test("types and keys have windows of their own", async ({ store }) => {
    const kinds = [
      (await submit(store, dedupe("once"))).result.kind,
      (await submit(store, dedupe("once", { key: "l" }))).result.kind,
      (await submit(store, dedupe("once"), { type: "other" })).result.kind,
      (await submit(store, dedupe("once", { key: "l" }))).result.kind,
    ];
    deepEqual(kinds, ["inserted", "inserted", "inserted", "existing"]);
    equal(one(await store.jobs.insert([newJob()])).kind, "inserted");
  });

  test("members of a batch are judged in order, beside others that ask for nothing", async ({ store }) => {
    const jobs = [
      newJob(),
      newJob({ dedupe: dedupe("once"), labels: { a: "b" }, input: "x".repeat(5_000) }),
      newJob({ dedupe: dedupe("once") }),
      newJob({ dedupe: dedupe("debounce", { key: "d" }), labels: { a: "b" }, input: "x".repeat(5_000) }),
      newJob({ dedupe: dedupe("debounce", { key: "d" }), labels: { c: "d" }, input: "last" }),
      newJob(),
    ];
    const ids = jobs.map((job) => job.id);
    const results = await store.jobs.insert(jobs);
    deepEqual(
      results.map((result) => result.kind),
      ["inserted", "inserted", "existing", "inserted", "merged", "inserted"],
    );
    deepEqual([results[2], results[4]], [existing(ids[1] ?? ""), merged(ids[3] ?? "")]);
    equal((await recordOf(store, ids[3] ?? "")).input, "last");
    const labelled = async (label: string) => (await store.jobs.list({ ...NEWEST, label })).map((job) => job.id);
    deepEqual([await labelled("a:b"), await labelled("c:d")], [[ids[1]], [ids[3]]]);
    equal((await store.jobs.list(NEWEST)).length, 4);
  });

  test("a submit that is repeated is the same submit, and a refused one opens no window", async ({ store }) => {
    const job = newJob({ dedupe: dedupe("once") });
    const first = await store.jobs.insert([job]);
    deepEqual(await store.jobs.insert([job]), first);
    const full = await submit(store, dedupe("once", { key: "l" }), { queue: "q", queueLimit: 0 });
    equal(full.result.kind, "queue_full");
    equal((await submit(store, dedupe("once", { key: "l" }))).result.kind, "inserted");
  });

  test("throttle: the others of a window become one job at its end, with the last input", async ({
    store,
    advance,
  }) => {
    const first = await submit(store, dedupe("throttle"), { input: 1 });
    await advance(4_000);
    const second = await submit(store, dedupe("throttle"), { input: 2 });
    equal(second.result.kind, "inserted");
    const opened = (await recordOf(store, first.id)).createdAt;
    equal((await recordOf(store, second.id)).availableAt, opened + WINDOW_MS);
    await advance(4_000);
    const changes = { input: 3, priority: 4, labels: { a: "b" }, concurrencyKey: "c", secretFields: ["s"] };
    deepEqual((await submit(store, dedupe("throttle"), changes)).result, merged(second.id));
    const waiting = await recordOf(store, second.id);
    deepEqual([waiting.input, waiting.priority, waiting.labels], [3, 4, { a: "b" }]);
    deepEqual([waiting.concurrencyKey, waiting.secretFields], ["c", ["s"]]);
    equal(waiting.availableAt, opened + WINDOW_MS);
    equal((await claim(store))?.id, first.id);
    equal(await claim(store), null);
    await advance(2_000);
    equal((await claim(store))?.id, second.id);
  });

  test("throttle: the job at a window's end opens the next one when it becomes available", async ({
    store,
    advance,
  }) => {
    const first = await submit(store, dedupe("throttle"));
    const opened = (await recordOf(store, first.id)).createdAt;
    const second = await submit(store, dedupe("throttle"));
    await advance(WINDOW_MS);
    // It waits for a worker, but its window has begun: it keeps its input.
    const third = await submit(store, dedupe("throttle"), { input: 3 });
    equal(third.result.kind, "inserted");
    deepEqual(
      [(await recordOf(store, second.id)).input, (await recordOf(store, third.id)).availableAt],
      [null, opened + 2 * WINDOW_MS],
    );
    deepEqual((await submit(store, dedupe("throttle"), { input: 4 })).result, merged(third.id));
    await advance(2 * WINDOW_MS);
    const late = await submit(store, dedupe("throttle"));
    deepEqual([late.result.kind, (await recordOf(store, late.id)).availableAt], ["inserted", opened + 3 * WINDOW_MS]);
  });

  test("throttle: a job that waits for its window is replaced when it was cancelled, deleted or run early", async ({
    store,
    advance,
  }) => {
    const first = await submit(store, dedupe("throttle"));
    const endsAt = (await recordOf(store, first.id)).createdAt + WINDOW_MS;
    await (await claim(store))?.end();
    const cancelled = await submit(store, dedupe("throttle"));
    await cancel(store, cancelled.id);
    const deleted = await submit(store, dedupe("throttle"));
    equal((await recordOf(store, deleted.id)).availableAt, endsAt);
    await cancel(store, deleted.id);
    await store.jobs.remove(deleted.id, { force: false });
    const early = await submit(store, dedupe("throttle"));
    await store.jobs.edit({ id: early.id, actor: "ann", reason: null, availableAt: null });
    deepEqual((await submit(store, dedupe("throttle"), { input: 5 })).result, merged(early.id));
    await claim(store);
    const last = await submit(store, dedupe("throttle"));
    deepEqual(
      [last.result.kind, (await recordOf(store, last.id)).availableAt, (await recordOf(store, early.id)).input],
      ["inserted", endsAt, 5],
    );
    await advance(1);
    deepEqual((await submit(store, dedupe("throttle"))).result, merged(last.id));
  });

  test("throttle: a paused job takes new inputs, and stays paused", async ({ store }) => {
    await submit(store, dedupe("throttle"));
    const waiting = await submit(store, dedupe("throttle"));
    await store.jobs.control([request(waiting.id, "pause")]);
    deepEqual((await submit(store, dedupe("throttle"), { input: 2 })).result, merged(waiting.id));
    const job = await recordOf(store, waiting.id);
    deepEqual([job.state, job.input], ["paused", 2]);
  });

  test("debounce: runs when the window has passed without another submit, with the last input", async ({
    store,
    advance,
  }) => {
    const first = await submit(store, dedupe("debounce"), { input: 1 });
    const { createdAt, availableAt } = await recordOf(store, first.id);
    equal(availableAt, createdAt + WINDOW_MS);
    for (const input of [2, 3]) {
      await advance(WINDOW_MS - 1);
      equal(await claim(store), null);
      deepEqual((await submit(store, dedupe("debounce"), { input })).result, merged(first.id));
    }
    const job = await recordOf(store, first.id);
    deepEqual([job.input, job.availableAt], [3, createdAt + 3 * WINDOW_MS - 2]);
    await advance(WINDOW_MS - 1);
    equal(await claim(store), null);
    await advance(1);
    equal((await claim(store))?.id, first.id);
  });

  test("debounce: a job that is late still takes submits, one that was started, cancelled or deleted does not", async ({
    store,
    advance,
  }) => {
    const late = await submit(store, dedupe("debounce"), { input: 1 });
    await advance(WINDOW_MS + 5_000);
    deepEqual((await submit(store, dedupe("debounce"), { input: 2 })).result, merged(late.id));
    await advance(WINDOW_MS);
    const held = await claim(store);
    equal(held?.id, late.id);
    const second = await submit(store, dedupe("debounce"));
    equal(second.result.kind, "inserted");
    await held?.end();
    deepEqual((await submit(store, dedupe("debounce"))).result, merged(second.id));
    await cancel(store, second.id);
    const third = await submit(store, dedupe("debounce"));
    equal(third.result.kind, "inserted");
    await cancel(store, third.id);
    await store.jobs.remove(third.id, { force: false });
    equal((await submit(store, dedupe("debounce"))).result.kind, "inserted");
    equal((await recordOf(store, late.id)).input, 2);
  });

  test("a job that waits to be tried again keeps its input", async ({ store, advance }) => {
    const first = await submit(store, dedupe("debounce"), { input: 1 });
    await advance(WINDOW_MS);
    const workerId = await registerWorker(store);
    const { jobs } = await store.jobs.claim({ workerId, types: claimable("noop"), limit: 1 });
    await store.jobs.settle([{ id: first.id, workerId, token: one(jobs).token, event: "halt" }]);
    equal((await recordOf(store, first.id)).state, "queued");
    equal((await submit(store, dedupe("debounce"), { input: 2 })).result.kind, "inserted");
    equal((await recordOf(store, first.id)).input, 1);
  });

  test("a merge is in the history, keeps the job's id, key and queue, and needs no room in the queue", async ({
    store,
  }) => {
    const first = await submit(store, dedupe("debounce"), { key: "mine", queue: "q", queueLimit: 1, actor: "ann" });
    const second = await submit(store, dedupe("debounce"), { key: "other", queue: "q", queueLimit: 1, actor: "bob" });
    deepEqual(second.result, merged(first.id));
    const job = await recordOf(store, first.id);
    deepEqual([job.key, job.queue, await store.jobs.get([second.id])], ["mine", "q", []]);
    deepEqual(await kindsOf(store, first.id), ["submit", "edit"]);
    const entry = (await store.history.history(first.id, PLENTY)).at(-1);
    deepEqual(
      [entry?.actor, entry?.data],
      ["bob", { changed: ["priority", "availableAt", "labels", "input"], merged: true }],
    );
    equal(one(await store.jobs.insert([newJob({ key: "other" })])).kind, "inserted");
  });

  test("a merge whose input takes a held group is refused, and changes nothing", async ({ store }) => {
    const holder = newJob({ exclusiveGroup: "g" });
    await store.jobs.insert([holder]);
    const first = await submit(store, dedupe("debounce"), { exclusiveGroup: "mine", input: 1 });
    const before = await recordOf(store, first.id);
    const refused = await submit(store, dedupe("debounce"), { exclusiveGroup: "g", input: 2 });
    deepEqual(refused.result, { kind: "exclusive_group_taken", holder: holder.id });
    deepEqual(await recordOf(store, first.id), before);
    equal((await submit(store, dedupe("debounce"), { exclusiveGroup: "mine" })).result.kind, "merged");
    equal((await submit(store, dedupe("debounce"), { exclusiveGroup: "new" })).result.kind, "merged");
    equal(one(await store.jobs.insert([newJob({ exclusiveGroup: "mine" })])).kind, "inserted");
  });

  test("a merge brings its files, and gives back those of the input that it replaces", async ({ store }) => {
    const file = () => ({
      id: newId(),
      jobId: null,
      kind: "upload" as const,
      name: "a",
      mediaType: "t",
      size: 1,
      sha256: "0",
    });
    const [old, next] = [file(), file()];
    await store.files.insertFile(old);
    await store.files.insertFile(next);
    const owners = async () => {
      const files = new Map((await store.files.getFiles([old.id, next.id])).map((entry) => [entry.id, entry.jobId]));
      return [files.get(old.id), files.get(next.id)];
    };
    const first = await submit(store, dedupe("debounce"), { fileIds: [old.id] });
    deepEqual(await owners(), [first.id, null]);
    await submit(store, dedupe("debounce"), { fileIds: [next.id] });
    deepEqual(await owners(), [null, first.id]);
  });

  test("of many submits at once one is inserted, and stands for all", async ({ store }) => {
    for (const mode of ["once", "debounce"] as const) {
      const submits = await Promise.all(Array.from({ length: 20 }, () => submit(store, dedupe(mode, { key: mode }))));
      const winner = one(submits.filter(({ result }) => result.kind === "inserted"));
      const others = submits.filter(({ result }) => result.kind !== "inserted");
      for (const { result } of others) deepEqual(result, mode === "once" ? existing(winner.id) : merged(winner.id));
    }
    const submits = await Promise.all(
      Array.from({ length: 20 }, () => submit(store, dedupe("throttle", { key: "t" }))),
    );
    equal(submits.filter(({ result }) => result.kind === "inserted").length, 2);
  });

  test("what was merged is told with the time from when it can be claimed", async ({ store, advance }) => {
    const first = await submit(store, dedupe("debounce"));
    await advance(1_000);
    const heard: Notice[] = [];
    store.notifier.subscribe((notice) => heard.push(notice));
    await submit(store, dedupe("debounce"));
    const changed = heard.flatMap((notice) => (notice.kind === "changed" ? notice.jobs.map((job) => job.id) : []));
    const work = heard.flatMap((notice) => (notice.kind === "work" ? [notice.inMs] : []));
    deepEqual([changed, work], [[first.id], [WINDOW_MS]]);
    heard.length = 0;
    await submit(store, dedupe("throttle", { key: "t" }));
    await submit(store, dedupe("throttle", { key: "t" }));
    await submit(store, dedupe("once", { key: "t" }));
    deepEqual(
      heard.flatMap((notice) => (notice.kind === "work" ? [notice.inMs] : [])),
      [0, WINDOW_MS],
    );
  });
}
