// Schedules: kept and edited by revision, and each firing recorded once, whoever fires it and however often.
import { deepEqual, equal } from "node:assert/strict";
import type { ScheduleRecord } from "../../domain/schedule.ts";
import type { Notice } from "../../ports/notifier.ts";
import type { Firing, NewJob, ScheduleWrite, Store } from "../../ports/store.ts";
import { NEWEST, one, type Register, recordOf } from "./context.ts";
import { claimable, newJob, registerWorker, request } from "./store-driver.ts";

const FIRST_AT = Date.parse("2026-01-02T00:00:00Z");
const HOUR_MS = 3_600_000;

const schedule = (changes: Partial<ScheduleWrite> = {}): ScheduleWrite => ({
  name: "nightly",
  cron: "0 * * * *",
  timeZone: "Europe/Berlin",
  type: "noop",
  input: { n: [1, null], "": "\u0000" },
  queue: null,
  priority: 2,
  labels: { a: "b" },
  overlap: "queue",
  missed: "one",
  paused: false,
  nextAt: FIRST_AT,
  ...changes,
});

const firing = (changes: Partial<Firing> = {}): Firing => ({
  name: "nightly",
  revision: 1,
  fireAt: FIRST_AT,
  nextAt: FIRST_AT + HOUR_MS,
  job: newJob(),
  message: null,
  ...changes,
});

const STALE = { kind: "stale" } as const;
const fired = (job: Firing["job"]) => ({ kind: "recorded", outcome: "fired", jobId: job?.id }) as const;

async function onlySchedule(store: Store): Promise<ScheduleRecord> {
  return one(await store.schedules.schedules());
}

const countOf = async (store: Store): Promise<number> => (await store.jobs.list(NEWEST)).length;

export function scheduleTests(test: Register): void {
  keepingTests(test);
  firingTests(test);
  overlapTests(test);
}

function keepingTests(test: Register): void {
  test("a schedule comes back as it was made, and all come in the order of their names", async ({ store }) => {
    equal(await store.schedules.createSchedule(schedule()), "created");
    const { createdAt, updatedAt, ...kept } = await onlySchedule(store);
    deepEqual(kept, { ...schedule(), last: null, lastJobId: null, revision: 1 });
    equal(updatedAt, createdAt);
    const other = schedule({ name: "early", queue: "q", paused: true, nextAt: null, overlap: "skip", missed: "all" });
    await store.schedules.createSchedule(other);
    const [early, nightly] = await store.schedules.schedules();
    deepEqual([early?.name, nightly?.name], ["early", "nightly"]);
    deepEqual(
      [early?.queue, early?.paused, early?.nextAt, early?.overlap, early?.missed],
      ["q", true, null, "skip", "all"],
    );
  });

  test("a name is taken once, also when many want it at once", async ({ store }) => {
    const made = await Promise.all(Array.from({ length: 5 }, () => store.schedules.createSchedule(schedule())));
    deepEqual(made.toSorted(), ["created", "name_taken", "name_taken", "name_taken", "name_taken"]);
  });

  test("an edit counts on the revision that it was made of, and only once", async ({ store, advance }) => {
    await store.schedules.createSchedule(schedule());
    await advance(10);
    const edits = [schedule({ cron: "1 * * * *" }), schedule({ cron: "2 * * * *" })];
    const results = await Promise.all(edits.map((edit) => store.schedules.editSchedule(edit, 1)));
    deepEqual(results.toSorted(), ["edited", "stale"]);
    const { cron, revision, createdAt, updatedAt } = await onlySchedule(store);
    deepEqual([cron, revision, updatedAt], [edits[results.indexOf("edited")]?.cron, 2, createdAt + 10]);
    equal(await store.schedules.editSchedule(schedule({ name: "unknown" }), 1), "stale");
    equal(await store.schedules.editSchedule(schedule({ paused: true }), 2), "edited");
    equal((await onlySchedule(store)).paused, true);
  });

  test("a removed schedule is gone with its firings, and its jobs stay", async ({ store }) => {
    await store.schedules.createSchedule(schedule());
    const first = firing();
    await store.schedules.fire(first);
    deepEqual(
      [await store.schedules.removeSchedule("nightly"), await store.schedules.removeSchedule("nightly")],
      [true, false],
    );
    deepEqual(await store.schedules.schedules(), []);
    deepEqual(await store.schedules.fire(firing()), STALE);
    equal(await countOf(store), 1);
    await store.schedules.createSchedule(schedule());
    equal((await onlySchedule(store)).last, null);
    equal((await store.schedules.fire(firing())).kind, "recorded");
  });
}

function firingTests(test: Register): void {
  test("a firing inserts its job, is recorded, and moves its schedule on", async ({ store, advance }) => {
    await store.schedules.createSchedule(schedule());
    await advance(10);
    const first = firing({ job: newJob({ labels: { from: "nightly" }, input: "x".repeat(5_000) }) });
    deepEqual(await store.schedules.fire(first), fired(first.job));
    const job = await recordOf(store, first.job?.id ?? "");
    deepEqual([job.state, job.input], ["queued", first.job?.input]);
    const { last, nextAt, revision, updatedAt, createdAt } = await onlySchedule(store);
    deepEqual(last, { fireAt: FIRST_AT, at: job.createdAt, outcome: "fired", jobId: job.id, message: null });
    deepEqual([nextAt, revision, updatedAt], [FIRST_AT + HOUR_MS, 1, createdAt]);
    equal(one(await store.jobs.list({ ...NEWEST, label: "from:nightly" })).id, job.id);
    const lastOne = firing({ fireAt: FIRST_AT + HOUR_MS, nextAt: null });
    equal((await store.schedules.fire(lastOne)).kind, "recorded");
    equal((await onlySchedule(store)).nextAt, null);
    deepEqual(await store.schedules.fire(firing({ fireAt: FIRST_AT + 2 * HOUR_MS })), STALE);
  });

  test("of many who fire the same at once, one does", async ({ store }) => {
    await store.schedules.createSchedule(schedule());
    const firings = Array.from({ length: 10 }, () => firing());
    const results = await Promise.all(firings.map((each) => store.schedules.fire(each)));
    equal(results.filter((result) => result.kind === "recorded").length, 1);
    deepEqual(
      results.filter((result) => result.kind !== "recorded"),
      Array.from({ length: 9 }, () => STALE),
    );
    equal(await countOf(store), 1);
  });

  test("a missed firing that stands for others is recorded, and one before the next is not", async ({ store }) => {
    await store.schedules.createSchedule(schedule());
    deepEqual(await store.schedules.fire(firing({ fireAt: FIRST_AT - 1 })), STALE);
    const late = firing({ fireAt: FIRST_AT + 5 * HOUR_MS, nextAt: FIRST_AT + 6 * HOUR_MS });
    deepEqual(await store.schedules.fire(late), fired(late.job));
    deepEqual(await store.schedules.fire(firing({ fireAt: FIRST_AT + 3 * HOUR_MS })), STALE);
    equal(await countOf(store), 1);
  });

  test("a firing of an earlier revision, of a paused schedule or of none is stale", async ({ store }) => {
    await store.schedules.createSchedule(schedule());
    deepEqual(await store.schedules.fire(firing({ name: "unknown" })), STALE);
    await store.schedules.editSchedule(schedule(), 1);
    deepEqual(await store.schedules.fire(firing()), STALE);
    await store.schedules.editSchedule(schedule({ paused: true }), 2);
    deepEqual(await store.schedules.fire(firing({ revision: 3 })), STALE);
    await store.schedules.editSchedule(schedule(), 3);
    equal((await store.schedules.fire(firing({ revision: 4 }))).kind, "recorded");
    equal(await countOf(store), 1);
  });

  test("a schedule that is set back to a firing that was recorded moves on without it", async ({ store }) => {
    await store.schedules.createSchedule(schedule());
    await store.schedules.fire(firing());
    await store.schedules.editSchedule(schedule(), 1);
    deepEqual(await store.schedules.fire(firing({ revision: 2 })), STALE);
    equal((await onlySchedule(store)).nextAt, FIRST_AT + HOUR_MS);
    const next = firing({ revision: 2, fireAt: FIRST_AT + HOUR_MS, nextAt: FIRST_AT + 2 * HOUR_MS });
    deepEqual(await store.schedules.fire(next), fired(next.job));
    equal(await countOf(store), 2);
  });

  test("a firing that cannot be submitted is recorded with the reason", async ({ store }) => {
    await store.schedules.createSchedule(schedule());
    const result = await store.schedules.fire(firing({ job: null, message: "The input does not fit." }));
    deepEqual(result, { kind: "recorded", outcome: "refused", jobId: null });
    const { last, nextAt } = await onlySchedule(store);
    deepEqual([last?.outcome, last?.jobId, last?.message], ["refused", null, "The input does not fit."]);
    equal(nextAt, FIRST_AT + HOUR_MS);
  });

  test("a job that cannot be inserted now leaves nothing, and the firing can be made later", async ({ store }) => {
    await store.schedules.createSchedule(schedule());
    const holder = newJob({ key: "k", exclusiveGroup: "g", queue: "q" });
    await store.jobs.insert([holder]);
    const before = await onlySchedule(store);
    const refused = async (changes: Partial<NewJob>) => {
      const result = await store.schedules.fire(firing({ job: newJob(changes) }));
      return result.kind === "not_now" ? result.result : null;
    };
    deepEqual(await refused({ key: "k" }), { kind: "key_taken", holder: holder.id });
    deepEqual(await refused({ exclusiveGroup: "g" }), { kind: "exclusive_group_taken", holder: holder.id });
    deepEqual(await refused({ queue: "q", queueLimit: 1 }), { kind: "queue_full" });
    deepEqual(await onlySchedule(store), before);
    await store.jobs.control([request(holder.id, "cancel")]);
    const again = firing({ job: newJob({ key: "k" }) });
    deepEqual(await store.schedules.fire(again), fired(again.job));
  });

  test("the newest hundred firings are remembered", async ({ store }) => {
    await store.schedules.createSchedule(schedule());
    const at = (index: number) => FIRST_AT + index * HOUR_MS;
    for (let index = 0; index < 120; index += 1) {
      await store.schedules.fire(firing({ fireAt: at(index), nextAt: at(index + 1) }));
    }
    equal((await onlySchedule(store)).last?.fireAt, at(119));
    await store.schedules.editSchedule(schedule({ nextAt: at(20) }), 1);
    deepEqual(await store.schedules.fire(firing({ revision: 2, fireAt: at(20), nextAt: at(21) })), STALE);
    equal(await countOf(store), 120);
    await store.schedules.editSchedule(schedule({ nextAt: at(19) }), 2);
    equal((await store.schedules.fire(firing({ revision: 3, fireAt: at(19), nextAt: at(20) }))).kind, "recorded");
  });

  test("the job of a firing is told of, with the time from when it can be claimed", async ({ store }) => {
    await store.schedules.createSchedule(schedule());
    const heard: Notice[] = [];
    store.notifier.subscribe((notice) => heard.push(notice));
    await store.schedules.fire(firing());
    deepEqual(
      heard.splice(0).map((notice) => notice.kind),
      ["changed", "work"],
    );
    await store.schedules.fire(firing());
    deepEqual(heard, []);
  });
}

function overlapTests(test: Register): void {
  const at = (index: number, job: NewJob | null = newJob()): Firing =>
    firing({ fireAt: FIRST_AT + index * HOUR_MS, nextAt: FIRST_AT + (index + 1) * HOUR_MS, job });

  test("skip: a firing is left out while the last job is unfinished, and made when it is not", async ({ store }) => {
    await store.schedules.createSchedule(schedule({ overlap: "skip" }));
    const first = at(0);
    await store.schedules.fire(first);
    const skipped = { kind: "recorded", outcome: "skipped", jobId: null } as const;
    deepEqual(await store.schedules.fire(at(1)), skipped);
    const workerId = await registerWorker(store);
    const { jobs } = await store.jobs.claim({ workerId, types: claimable("noop"), limit: 1 });
    deepEqual(await store.schedules.fire(at(2)), skipped);
    const { last, nextAt } = await onlySchedule(store);
    deepEqual([last?.outcome, last?.fireAt, nextAt], ["skipped", FIRST_AT + 2 * HOUR_MS, FIRST_AT + 3 * HOUR_MS]);
    await store.jobs.settle([{ id: one(jobs).id, workerId, token: one(jobs).token, event: "succeed" }]);
    const next = at(3);
    deepEqual(await store.schedules.fire(next), fired(next.job));
    equal(await countOf(store), 2);
  });

  test("skip: only jobs of the schedule count, and a deleted one is not in the way", async ({ store }) => {
    await store.schedules.createSchedule(schedule({ overlap: "skip" }));
    await store.schedules.createSchedule(schedule({ name: "other", overlap: "skip" }));
    await store.schedules.fire(firing({ name: "other" }));
    const first = at(0);
    deepEqual(await store.schedules.fire(first), fired(first.job));
    await store.jobs.control([request(first.job?.id ?? "", "cancel")]);
    await store.jobs.remove(first.job?.id ?? "", { force: false });
    const second = at(1);
    deepEqual(await store.schedules.fire(second), fired(second.job));
  });

  test("skip: a hundred skipped firings do not make the last job forgotten", async ({ store }) => {
    await store.schedules.createSchedule(schedule({ overlap: "skip" }));
    const first = at(0);
    await store.schedules.fire(first);
    for (let index = 1; index < 130; index += 1) await store.schedules.fire(at(index));
    const { last, lastJobId } = await onlySchedule(store);
    deepEqual([last?.outcome, last?.jobId, lastJobId], ["skipped", null, first.job?.id]);
    equal(await countOf(store), 1);
  });

  test("queue: every firing is made, however many jobs wait", async ({ store }) => {
    await store.schedules.createSchedule(schedule({ overlap: "queue" }));
    for (let index = 0; index < 3; index += 1) equal((await store.schedules.fire(at(index))).kind, "recorded");
    equal(await countOf(store), 3);
  });
}
