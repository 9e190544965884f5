// Lists: pages, filters, prefixes.
import { deepEqual } from "node:assert/strict";
import type { ListedJob } from "../../ports/store.ts";
import { NEWEST, type Register } from "./context.ts";
import { drive, newJob, request } from "./store-driver.ts";

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

  test("a key finds its jobs of all times", async ({ store }) => {
    const first = await drive(store, { key: "k" });
    await first.control("cancel");
    const second = await drive(store, { key: "k" });
    deepEqual(idsOf(await store.jobs.list({ ...NEWEST, key: "k" })), [second.id, first.id]);
  });
}
