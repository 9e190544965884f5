// Lists: pages, filters, prefixes.
import { deepEqual } from "node:assert/strict";
import type { JobRecord } from "../../domain/job.ts";
import type { ListedJob, ListQuery } from "../../ports/store.ts";
import { NEWEST, PLENTY, type Register } from "./context.ts";
import { claimable, drive, newJob, registerWorker, request } from "./store-driver.ts";

export function listTests(test: Register): void {
  const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map((job) => job.id);

  test("pages go from newest to oldest or back, and nothing comes twice or is left out", async ({ store }) => {
    const jobs = Array.from({ length: 23 }, () => newJob());
    await store.jobs.insert(jobs);
    for (const order of ["newest", "oldest"] as const) {
      const expected = order === "oldest" ? idsOf(jobs) : idsOf(jobs).reverse();
      const seen: string[] = [];
      let after: string | null = null;
      for (let page = 0; page < 6; page += 1) {
        const found: readonly ListedJob[] = await store.jobs.list({ order, limit: 5, after });
        seen.push(...idsOf(found));
        after = found.at(-1)?.id ?? after;
      }
      deepEqual(seen, expected);
    }
  });

  test("a page goes on where a deleted job was", async ({ store }) => {
    const jobs = Array.from({ length: 5 }, () => newJob());
    await store.jobs.insert(jobs);
    const middle = jobs[2]?.id ?? "";
    await store.jobs.control([request(middle, "cancel")]);
    await store.jobs.remove(middle, { force: false });
    const after = async (order: "newest" | "oldest") =>
      idsOf(await store.jobs.list({ order, limit: 10, after: middle }));
    deepEqual(await after("newest"), idsOf(jobs.slice(0, 2)).reverse());
    deepEqual(await after("oldest"), idsOf(jobs.slice(3)));
  });

  test("filters hold together, whichever of them is given", async ({ store }) => {
    const finished = Array.from({ length: 12 }, (_, index) =>
      newJob({
        type: index % 2 === 0 ? "even" : "odd",
        queue: index % 3 === 0 ? "third" : "default",
        labels: index % 4 === 0 ? { size: "big", fourth: "yes" } : {},
        key: `key-${index % 6}-${index}`,
      }),
    );
    await store.jobs.insert(finished);
    const cancelled = finished.filter((_, index) => index >= 6);
    await store.jobs.control(cancelled.map((job) => request(job.id, "cancel")));
    const find = async (filter: object) => {
      const oldest = await store.jobs.list({ order: "oldest", limit: 200, after: null, ...filter });
      const newest = await store.jobs.list({ ...NEWEST, ...filter });
      deepEqual(idsOf(newest).reverse(), idsOf(oldest));
      return oldest.map((job) => finished.findIndex((candidate) => candidate.id === job.id));
    };
    deepEqual(await find({ state: ["cancelled"] }), [6, 7, 8, 9, 10, 11]);
    deepEqual(await find({ state: ["queued", "cancelled"], type: ["odd"] }), [1, 3, 5, 7, 9, 11]);
    deepEqual(await find({ type: ["even", "odd"], queue: ["third"] }), [0, 3, 6, 9]);
    deepEqual(await find({ queue: ["third", "none"], state: ["queued"] }), [0, 3]);
    deepEqual(await find({ label: "size:big" }), [0, 4, 8]);
    deepEqual(await find({ label: "fourth:yes", state: ["cancelled"] }), [8]);
    deepEqual(await find({ label: "fourth:no" }), []);
    deepEqual(await find({ key: "key-1-7" }), [7]);
    deepEqual(await find({ q: "key-1" }), [1, 7]);
    deepEqual(await find({ q: "key-1-", state: ["queued"] }), [1]);
    deepEqual(await find({ q: finished[3]?.id.slice(0, 8) ?? "" }), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    deepEqual(await find({ q: finished[3]?.id ?? "" }), [3]);
    deepEqual(await find({ q: "%" }), []);
    deepEqual(await find({ state: [], type: ["odd"] }), []);
  });

  test("every filter finds what looking at each job finds, page by page, in both orders", async ({ store }) => {
    const jobs = Array.from({ length: 400 }, (_, index) =>
      newJob({
        type: `t${index % 3}`,
        queue: `q${(index * 7) % 23}`,
        key: index % 2 === 0 ? `key-${(index * 31) % 400}` : null,
        labels: { parity: index % 2 === 0 ? "even" : "odd", tenth: `${index % 10}` },
      }),
    );
    await store.jobs.insert(jobs);
    const workerId = await registerWorker(store);
    const claimed = await store.jobs.claim({ workerId, types: claimable("t0"), limit: 60 });
    await store.jobs.settle(
      claimed.jobs.slice(0, 40).map(({ id, token }) => ({ id, token, workerId, event: "succeed" })),
    );
    await store.jobs.control(jobs.filter((_, index) => index % 11 === 0).map((job) => request(job.id, "cancel")));
    const all = await store.jobs.get(idsOf(jobs));
    const filters: readonly (Omit<ListQuery, "order" | "limit" | "after"> & { fits: (job: JobRecord) => boolean })[] = [
      { state: ["queued"], fits: (job) => job.state === "queued" },
      {
        state: ["running", "queued"],
        type: ["t0"],
        fits: (job) => job.type === "t0" && /^running|^queued/.test(job.state),
      },
      { type: ["t1", "t2"], fits: (job) => job.type !== "t0" },
      { queue: ["q3", "q5", "none"], fits: (job) => job.queue === "q3" || job.queue === "q5" },
      {
        queue: ["q3"],
        state: ["cancelled", "cancelling"],
        fits: (job) => job.queue === "q3" && /^cancel/.test(job.state),
      },
      { label: "parity:odd", fits: (job) => job.labels.parity === "odd" },
      {
        label: "tenth:4",
        state: ["succeeded", "running"],
        fits: (job) => job.labels.tenth === "4" && /^succeeded|^running/.test(job.state),
      },
      { label: "parity:even", q: "key-1", fits: (job) => job.key?.startsWith("key-1") ?? false },
      { q: "key-1", fits: (job) => job.key?.startsWith("key-1") ?? false },
      { q: "key-", queue: ["q1"], fits: (job) => job.queue === "q1" && job.key !== null },
      { q: "018f", state: ["succeeded"], fits: (job) => job.state === "succeeded" },
    ];
    const inOrder = [...all].sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const { fits, ...filter } of filters) {
      const expected = idsOf(inOrder.filter(fits));
      for (const order of ["oldest", "newest"] as const) {
        const found: string[] = [];
        for (let after: string | null = null, rounds = 0; rounds < 100; rounds += 1) {
          const page: readonly ListedJob[] = await store.jobs.list({ ...filter, order, limit: 13, after });
          found.push(...idsOf(page));
          if (page.length < 13) break;
          after = page.at(-1)?.id ?? null;
        }
        deepEqual(found, order === "oldest" ? expected : [...expected].reverse(), JSON.stringify(filter));
      }
    }
  });

  test("what may be large is not listed, whoever asks for it", async ({ store }) => {
    const driver = await drive(store, { input: { large: "x".repeat(5_000) }, labels: { a: "b" } });
    await driver.claim();
    await driver.settle("succeed", { output: { large: "y" } });
    const { input, output, ...rest } = await driver.record();
    deepEqual([input, output], [{ large: "x".repeat(5_000) }, { large: "y" }]);
    deepEqual(await store.jobs.list(NEWEST), [rest]);
    deepEqual(await store.jobs.listed([driver.id, newJob().id]), [rest]);
    deepEqual(await store.jobs.listed([]), []);
  });

  test("a key finds its jobs of all times", async ({ store }) => {
    const first = await drive(store, { key: "k" });
    await first.control("cancel");
    const second = await drive(store, { key: "k" });
    deepEqual(idsOf(await store.jobs.list({ ...NEWEST, key: "k" })), [second.id, first.id]);
  });

  test("whoever looks for a name that no store can hold finds nothing", async ({ store }) => {
    const driver = await drive(store, { key: "k", labels: { a: "b" } });
    const { id, type, queue } = await driver.record();
    for (const odd of ["a\0b", "a\ud800"]) {
      deepEqual(idsOf(await store.jobs.get([odd, id])), [id]);
      deepEqual(idsOf(await store.jobs.listed([odd, id])), [id]);
      for (const filter of [{ key: odd }, { label: `a:${odd}` }, { q: odd }, { type: [odd] }, { queue: [odd] }]) {
        deepEqual(await store.jobs.list({ ...NEWEST, ...filter }), [], JSON.stringify(filter));
      }
      deepEqual(idsOf(await store.jobs.list({ ...NEWEST, type: [odd, type], queue: [queue, odd] })), [id]);
      deepEqual(await store.jobs.control([request(odd, "pause")]), [{ kind: "missing" }]);
      deepEqual(await store.jobs.edit({ id: odd, actor: "ann", reason: null, priority: 1 }), { kind: "missing" });
      deepEqual(await store.jobs.remove(odd, { force: true }), { kind: "missing" });
      deepEqual([await store.history.history(odd, PLENTY), await store.logs.logs(odd, PLENTY)], [[], []]);
      deepEqual(await store.files.getFiles([odd]), []);
      await store.files.removeFiles([odd]);
    }
  });
}
