// Loops of every shape, up to three deep, stopped anywhere and in every way: nothing is skipped, and nothing is done
// again that did not have to be.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import fc from "fast-check";
import * as z from "zod";
import { defineJob, iterableRecords, type JobContext, type Json, pagedRecords } from "../../src/index.ts";
import { sqliteTarget } from "../../src/stores/sqlite/index.ts";
import type { TestManager } from "../../src/testing/index.ts";
import { createGate, managerFor } from "./support.ts";

/** An item of a loop, with the loops that run for it. */
interface Item {
  readonly loops: readonly (readonly Item[])[];
}

interface Labelled {
  readonly item: Item;
  readonly label: string;
  readonly number: number;
}

const SOURCES = ["array", "pages", "iterable"] as const;

interface Stop {
  /** How many visits the job makes before it. */
  readonly after: number;
  readonly kind: "pause" | "drain" | "crash";
}

const loopOf = (depth: number): fc.Arbitrary<readonly Item[]> =>
  fc.array(itemOf(depth - 1), { maxLength: depth === 1 ? 8 : 4 });
const itemOf = (depth: number): fc.Arbitrary<Item> =>
  fc.record({ loops: depth === 0 ? fc.constant([]) : fc.array(loopOf(depth), { maxLength: 2 }) });
const stops = fc.array(
  fc.record({
    after: fc.integer({ min: 1, max: 12 }),
    kind: fc.constantFrom<Stop["kind"]>("pause", "drain", "crash"),
  }),
  { maxLength: 3 },
);

/** Labels the items of a loop, each after where it stands. */
const labelled = (items: readonly Item[], label: string, loop: number): readonly Labelled[] =>
  items.map((item, number) => ({ item, label: `${label}/${loop}.${number}`, number }));

/** Everything that is to be done, in order: an item's loops, then the item. */
function workOf(item: Item, label = "job"): readonly string[] {
  const inner = item.loops.flatMap((items, loop) => labelled(items, label, loop));
  return inner.flatMap((one) => [...workOf(one.item, one.label), one.label]);
}

const isFlat = (items: readonly Item[]) => items.every((item) => item.loops.length === 0);

/** What one attempt did. */
interface Stretch {
  readonly visits: string[];
  /** How it was stopped, if it was. */
  stopped: Stop["kind"] | null;
  /** After a crash, the first visit that can come again. */
  repeatsFrom: string;
}

/** A run of a job that is stopped here and there, and what it did in each of its attempts. */
function createRun(planned: readonly Stop[]) {
  const stops = planned.map((stop) => ({ ...stop, reached: createGate(), left: createGate() }));
  const waiting = [...stops];
  const stretches: Stretch[] = [];
  let visits = 0;
  return {
    stops,
    stretches,
    begin: () => stretches.push({ visits: [], stopped: null, repeatsFrom: "" }),
    /** Notes the visit, and lets the job be stopped in it. A crash repeats it from `unit` on, unless `isKept`. */
    async visit(job: JobContext, { label, unit = label, isKept }: Visit) {
      const stretch = stretches.at(-1) ?? assert.fail();
      stretch.visits.push(label);
      if (isKept || stretch.repeatsFrom === "") stretch.repeatsFrom = unit;
      if (job.signal.aborted) return;
      visits += 1;
      const [stop] = waiting;
      if (visits !== stop?.after) return;
      waiting.shift();
      visits = 0;
      stretch.stopped = stop.kind;
      const aborted = new Promise((resolve) => job.signal.addEventListener("abort", resolve));
      stop.reached.open();
      if (stop.kind !== "crash") await aborted;
      else {
        await stop.left.passed;
        throw new Error("This process is dead.");
      }
    },
  };
}
type Run = ReturnType<typeof createRun>;

interface Visit {
  readonly label: string;
  /** The first label of the batch that the visit is part of. */
  readonly unit?: string;
  /** Whether all that was done before the unit is durable. */
  readonly isKept: boolean;
}

/** Runs the job to its end, and stops it where the run says. */
async function drive(pawl: TestManager, run: Run, id: string): Promise<void> {
  for (const stop of run.stops) {
    const ended = pawl.manager.waitUntil(id, "final").then(() => "ended");
    ended.catch(() => {}); // its manager may be gone before the job ends
    if ((await Promise.race([ended, stop.reached.passed])) === "ended") break;
    if (stop.kind === "crash") await pawl.crash();
    if (stop.kind === "drain") await pawl.restart();
    stop.left.open();
    if (stop.kind !== "pause") continue;
    await pawl.manager.pause(id);
    const { state } = await pawl.manager.waitUntil(id, ["paused", "final"]);
    if (state === "paused") await pawl.manager.resume(id);
  }
  const job = await pawl.manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded", job.error?.message);
}

/** Nothing is left out, nothing comes out of order, and only a crash repeats anything. */
function assertDone(run: Run, work: readonly string[]): void {
  let next = 0;
  let earliest = 0;
  for (const { visits, stopped, repeatsFrom } of run.stretches) {
    const [first] = visits;
    if (first === undefined) continue;
    const from = work.indexOf(first);
    assert.ok(from >= earliest && from <= next, `went on at ${first} and not at ${work[next]}`);
    assert.deepEqual(visits, work.slice(from, from + visits.length));
    next = from + visits.length;
    earliest = stopped === "crash" ? work.indexOf(repeatsFrom) : next;
    // The item that a crash meets is not done.
    if (stopped === "crash") next -= 1;
  }
  assert.equal(next, work.length, `ended before ${work[next]}`);
}

/** The items in a source of each kind, which starts again behind any of them. */
function sourceOf(items: readonly Labelled[], kind: (typeof SOURCES)[number], iterators: { open: number }) {
  const after = (cursor: Json) => items.filter((one) => cursor === null || one.number > Number(cursor));
  const cursorOf = (one: Labelled) => one.number;
  switch (kind) {
    case "array":
      return items;
    case "pages":
      return pagedRecords({ fetch: (cursor, limit) => after(cursor).slice(0, limit), cursorOf, pageSize: 2 });
    case "iterable":
      return iterableRecords({
        async *open(cursor) {
          iterators.open += 1;
          try {
            yield* after(cursor);
          } finally {
            iterators.open -= 1;
          }
        },
        cursorOf,
      });
  }
}

interface Plan {
  readonly root: Item;
  readonly stops: readonly Stop[];
  readonly sources: readonly (typeof SOURCES)[number][];
  /** Items a batch in the innermost loops; 0: no batches. */
  readonly size: number;
  readonly every: 1 | undefined;
  /** Every so many visits the handler makes a checkpoint itself; 0: never. */
  readonly checkpointEvery: number;
}

const root: fc.Arbitrary<Item> = fc.record({ loops: fc.array(loopOf(3), { minLength: 1, maxLength: 2 }) });
const plans: fc.Arbitrary<Plan> = fc.record({
  root,
  stops,
  sources: fc.array(fc.constantFrom(...SOURCES), { minLength: 1, maxLength: 3 }),
  size: fc.integer({ min: 0, max: 3 }),
  every: fc.constantFrom<1 | undefined>(1, undefined),
  checkpointEvery: fc.integer({ min: 0, max: 4 }),
});

/** What the handlers do at present; a job finds its own by the number in its input. */
const underWay = new Map<number, (job: JobContext) => Promise<void>>();
const nested = defineJob({
  type: "nested",
  input: z.object({ number: z.number() }),
  run: (job) => underWay.get(job.input.number)?.(job) ?? assert.fail(),
});

async function submit(pawl: TestManager, handler: (job: JobContext) => Promise<void>): Promise<string> {
  const number = underWay.size;
  underWay.set(number, handler);
  const { id } = await pawl.manager.submit({ type: "nested", input: { number } });
  return id;
}

function handlerOf(plan: Plan, run: Run, iterators: { open: number }) {
  const { every, size } = plan;
  let visits = 0;
  const visit = async (job: JobContext, label: string, unit?: string) => {
    visits += 1;
    const checkpoint = plan.checkpointEvery > 0 && visits % plan.checkpointEvery === 0 && !job.signal.aborted;
    if (checkpoint) await job.checkpoint();
    await run.visit(job, { label, unit, isKept: every === 1 || checkpoint });
  };
  const work = async (job: JobContext, outer: Item, label = "job", depth = 0): Promise<void> => {
    for (const [loop, items] of outer.loops.entries()) {
      const name = `${depth}/${loop}`;
      const kind = plan.sources[(depth + loop) % plan.sources.length] ?? "array";
      const source = sourceOf(labelled(items, label, loop), kind, iterators);
      if (size > 0 && isFlat(items)) {
        for await (const batch of job.iterate(source, { name, size, every })) {
          for (const one of batch.items) await visit(job, one.label, batch.items[0]?.label);
        }
      } else {
        for await (const one of job.iterate(source, { name, every })) {
          await work(job, one.item, one.label, depth + 1);
          await visit(job, one.label);
        }
      }
    }
  };
  return async (job: JobContext) => {
    run.begin();
    await work(job, plan.root);
  };
}

test("nested loops go on at exactly the next inner item, wherever and however they are stopped", async (t) => {
  const pawl = await managerFor(t, { jobs: [nested] });
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const run = createRun(plan.stops);
      const iterators = { open: 0 };
      await drive(pawl, run, await submit(pawl, handlerOf(plan, run, iterators)));
      assertDone(run, workOf(plan.root));
      assert.equal(iterators.open, 0, "an iterator was left open");
    }),
    { numRuns: 60 },
  );
});

interface TargetPlan {
  readonly root: Item;
  readonly stops: readonly Stop[];
  readonly size: number;
  /** Whether the loops around keep their places in the target, too. */
  readonly outerToo: boolean;
}

const targetPlans: fc.Arbitrary<TargetPlan> = fc.record({
  root,
  stops,
  size: fc.integer({ min: 1, max: 3 }),
  outerToo: fc.boolean(),
});

test("rows that nested loops commit to a target stand there exactly once, wherever and however they are stopped", async (t) => {
  const pawl = await managerFor(t, { jobs: [nested] });
  const database = new DatabaseSync(join(pawl.directory, "own.db"));
  t.after(() => database.close());
  const target = sqliteTarget(database);
  database.exec("CREATE TABLE done (job TEXT NOT NULL, label TEXT NOT NULL)");
  const insert = (tx: DatabaseSync, job: string, labels: readonly string[]) => {
    for (const label of labels) tx.prepare("INSERT INTO done VALUES (?, ?)").run(job, label);
  };
  const rowsOf = database.prepare("SELECT label FROM done WHERE job = ? ORDER BY rowid");

  const handler = (plan: TargetPlan, run: Run) => {
    const visit = (job: JobContext, label: string) => run.visit(job, { label, isKept: false });
    const work = async (job: JobContext, outer: Item, label = "job", depth = 0): Promise<void> => {
      for (const [loop, items] of outer.loops.entries()) {
        const [name, source] = [`${depth}/${loop}`, labelled(items, label, loop)];
        if (isFlat(items) || plan.outerToo) {
          const size = isFlat(items) ? plan.size : 1;
          for await (const batch of job.iterate(source, { name, size, target })) {
            for (const one of batch.items) await work(job, one.item, one.label, depth + 1);
            const labels = batch.items.map((one) => one.label);
            await visit(job, `before ${labels[0]}`);
            await batch.commit(target, (tx) => insert(tx, job.id, labels));
            await visit(job, `after ${labels[0]}`);
          }
        } else {
          for await (const one of job.iterate(source, { name })) {
            await work(job, one.item, one.label, depth + 1);
            await visit(job, one.label);
          }
        }
      }
    };
    return async (job: JobContext) => {
      run.begin();
      await work(job, plan.root);
    };
  };
  /** What the target gets: everything, or only what the innermost loops do. */
  const rows = (plan: TargetPlan, item: Item, label = "job"): readonly string[] =>
    item.loops.flatMap((items, loop) =>
      labelled(items, label, loop).flatMap((one) => [
        ...rows(plan, one.item, one.label),
        ...(plan.outerToo || isFlat(items) ? [one.label] : []),
      ]),
    );

  await fc.assert(
    fc.asyncProperty(targetPlans, async (plan) => {
      const run = createRun(plan.stops);
      const id = await submit(pawl, handler(plan, run));
      await drive(pawl, run, id);
      assert.deepEqual(
        rowsOf.all(id).map((row) => row.label),
        rows(plan, plan.root),
      );
    }),
    { numRuns: 40 },
  );
});
