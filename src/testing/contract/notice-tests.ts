// What the notifier tells, and to whom.
import { deepEqual } from "node:assert/strict";
import type { Notice } from "../../ports/notifier.ts";
import type { Store } from "../../ports/store.ts";
import { PROGRESS, type Register } from "./context.ts";
import { drive } from "./store-driver.ts";

export function noticeTests(test: Register): void {
  function listen(store: Store) {
    const heard: Notice[] = [];
    const stop = store.notifier.subscribe((notice) => heard.push(notice));
    return { stop, take: () => heard.splice(0), kinds: () => heard.splice(0).map((notice) => notice.kind) };
  }
  const statesIn = (notices: readonly Notice[], id: string) =>
    notices.flatMap((notice) =>
      notice.kind === "changed" ? notice.jobs.filter((job) => job.id === id).map((job) => job.state) : [],
    );

  test("waiting work is announced with the time from when it can be claimed", async ({ store, advance }) => {
    const { take } = listen(store);
    const worksAt = () => take().flatMap((notice) => (notice.kind === "work" ? [notice.inMs] : []));
    const driver = await drive(store);
    deepEqual(worksAt(), [0]);
    await driver.claim();
    deepEqual(worksAt(), []);
    await driver.settle("fail", { failure: { code: "e", message: "m", details: null, retryInMs: 4_000 } });
    deepEqual(worksAt(), [4_000]);
    await driver.control("pause");
    deepEqual(worksAt(), []);
    await driver.control("resume");
    deepEqual(worksAt(), [4_000]);
    await advance(4_000);
    await driver.claim();
    worksAt();
    await driver.lose(5);
    deepEqual(worksAt(), [0]);
  });

  test("every change of a job is told before whoever caused it hears of it", async ({ store }) => {
    const { take } = listen(store);
    const driver = await drive(store);
    deepEqual(statesIn(take(), driver.id), ["queued"]);
    await driver.claim();
    deepEqual(statesIn(take(), driver.id), ["running"]);
    await store.jobs.checkpoint([{ ...driver.lease(), seq: 1, cursor: null, progress: PROGRESS }]);
    await store.jobs.reportProgress([{ ...driver.lease(), progress: PROGRESS }]);
    deepEqual(statesIn(take(), driver.id), ["running", "running"]);
    await driver.settle("succeed");
    deepEqual(statesIn(take(), driver.id), ["succeeded"]);
    await store.jobs.remove(driver.id, { force: false });
    const removed = take().flatMap((notice) => (notice.kind === "changed" ? notice.jobs : []));
    deepEqual([removed.length, removed[0]?.removed], [1, true]);
  });

  test("a request for a held job is pushed to its worker, and a repetition is not", async ({ store }) => {
    const { take } = listen(store);
    const driver = await drive(store);
    await driver.claim();
    take();
    await driver.control("pause", { reason: "r", requestId: "x" });
    const pushed = take().filter((notice) => notice.kind === "control");
    deepEqual(
      pushed.map((notice) => [notice.workerId, notice.jobId, notice.token, notice.action]),
      [[driver.workerId, driver.id, 1, "pause"]],
    );
    await driver.control("pause");
    await driver.control("pause", { requestId: "x" });
    await driver.control("retry");
    deepEqual(take(), []);
  });

  test("log lines are told of, and nobody hears anything after leaving", async ({ store }) => {
    const { kinds, stop } = listen(store);
    const driver = await drive(store);
    await driver.claim();
    kinds();
    const line = { ...driver.lease(), at: 1, level: "info", message: "m", fields: null } as const;
    await store.logs.appendLogs([line], { keep: 5 });
    deepEqual(kinds(), ["logged"]);
    stop();
    await driver.settle("succeed");
    deepEqual(kinds(), []);
  });
}
