// Queues as operators set them, and whom a change wakes.
import { deepEqual, equal } from "node:assert/strict";
import type { Notice } from "../../ports/notifier.ts";
import type { Store } from "../../ports/store.ts";
import { one, type Register } from "./context.ts";
import { drive, newJob, registerWorker, request } from "./store-driver.ts";

export function queueTests(test: Register): void {
  settingTests(test);
  wakingTests(test);
}

function settingTests(test: Register): void {
  test("queues that nobody set are not listed, those that were are, by name", async ({ store }) => {
    await store.jobs.insert([newJob({ queue: "unset" })]);
    deepEqual(await store.queues.queues(), []);
    for (const name of ["b", "c '\" d", "a"]) await store.queues.setQueue({ name });
    deepEqual(
      (await store.queues.queues()).map((queue) => queue.name),
      ["a", "b", "c '\" d"],
    );
    deepEqual((await store.queues.queues())[0], { name: "a", paused: null, concurrency: null, rateLimit: null });
  });

  test("a change leaves alone what it does not name, and takes away what it names null", async ({ store }) => {
    const rateLimit = { max: 10, perMs: 60_000 };
    const set = await store.queues.setQueue({ name: "q", concurrency: 5 });
    deepEqual(set, { name: "q", paused: null, concurrency: 5, rateLimit: null });
    await store.queues.setQueue({ name: "q", rateLimit });
    const paused = await store.queues.setQueue({ name: "q", paused: { actor: "ada", reason: "upgrade" } });
    deepEqual({ ...paused, paused: null }, { name: "q", paused: null, concurrency: 5, rateLimit });
    const resumed = await store.queues.setQueue({ name: "q", paused: null, concurrency: null });
    deepEqual(resumed, { name: "q", paused: null, concurrency: null, rateLimit });
    deepEqual(await store.queues.queues(), [resumed]);
  });

  test("pausing a paused queue keeps who paused it first, when, and why", async ({ store, advance }) => {
    const first = await store.queues.setQueue({ name: "q", paused: { actor: "ada", reason: "upgrade" } });
    await advance(50);
    const second = await store.queues.setQueue({ name: "q", paused: { actor: "bob", reason: null } });
    deepEqual(second, first);
    deepEqual([second.paused?.actor, second.paused?.reason], ["ada", "upgrade"]);
    await store.queues.setQueue({ name: "q", paused: null });
    const third = await store.queues.setQueue({ name: "q", paused: { actor: "bob", reason: null } });
    deepEqual(third.paused, { at: (first.paused?.at ?? 0) + 50, actor: "bob", reason: null });
  });

  test("changes of one queue at the same time all count", async ({ store }) => {
    await Promise.all([
      store.queues.setQueue({ name: "q", concurrency: 2 }),
      store.queues.setQueue({ name: "q", rateLimit: { max: 1, perMs: 5 } }),
      store.queues.setQueue({ name: "q", paused: { actor: "ada", reason: null } }),
    ]);
    const queue = one(await store.queues.queues());
    deepEqual([queue.concurrency, queue.rateLimit?.max, queue.paused?.actor], [2, 1, "ada"]);
  });
}

function wakingTests(test: Register): void {
  const listen = (store: Store) => {
    const heard: Notice[] = [];
    store.notifier.subscribe((notice) => heard.push(notice));
    return () => heard.splice(0).flatMap((notice) => (notice.kind === "work" ? [notice.inMs] : []));
  };

  test("a queue that may go on wakes workers, and one that is paused does not", async ({ store }) => {
    const works = listen(store);
    await store.queues.setQueue({ name: "q", paused: { actor: "ada", reason: null } });
    deepEqual(works(), []);
    await store.queues.setQueue({ name: "q", paused: null });
    deepEqual(works(), [0]);
    await store.queues.setQueue({ name: "q", concurrency: 9 });
    deepEqual(works(), [0]);
  });

  test("a lease that ends wakes workers when a limit held jobs back, however it ends", async ({ store }) => {
    const works = listen(store);
    const workerId = await registerWorker(store);
    await store.queues.setQueue({ name: "q", concurrency: 1 });
    const limits = [
      { name: "of its queue", job: { queue: "q" }, type: {} },
      { name: "of its type", job: {}, type: { concurrency: 1 } },
      { name: "of its key", job: { concurrencyKey: "k" }, type: { perKey: 1 } },
    ];
    for (const { name, job, type } of limits) {
      for (const way of ["succeed", "halt", "lost"] as const) {
        const driver = await drive(store, job);
        await driver.claim();
        const held = await driver.record();
        const waiting = newJob({ ...job, type: held.type });
        await store.jobs.insert([waiting]);
        const types = [{ name: held.type, concurrency: null, perKey: null, ...type }];
        for (let time = 0; time < 2; time += 1) {
          const none = await store.jobs.claim({ workerId, types, limit: 1 });
          deepEqual([none.jobs, none.nextInMs], [[], null]);
        }
        if (way === "halt") await driver.control("pause");
        works();
        if (way === "lost") await driver.lose(1);
        else await driver.settle(way);
        deepEqual(works(), [0], `${way}, a limit ${name}`);
        const { jobs } = await store.jobs.claim({ workerId, types, limit: 1 });
        equal(jobs[0]?.id, waiting.id);
        await store.jobs.settle(jobs.map(({ id, token }) => ({ id, token, workerId, event: "succeed" })));
      }
    }
  });

  test("a lease that ends wakes nobody when nothing was held back", async ({ store }) => {
    await store.queues.setQueue({ name: "q", concurrency: 1 });
    const driver = await drive(store, { queue: "q" });
    await driver.claim();
    await store.jobs.control([request(driver.id, "cancel")]);
    const works = listen(store);
    await driver.settle("halt");
    deepEqual(works(), []);
  });
}
