// The loop of a job: goes through a source batch by batch and keeps the place, so that a job which stops between two
// batches, for whatever cause, goes on with the next one.
import type { Json } from "../domain/job.ts";
import type { EffectsTarget } from "../ports/effects.ts";
import type { RecordSource, SourceContext, SourceEntry } from "../ports/record-source.ts";
import type { AttemptArtifacts } from "./artifacts.ts";
import type { Attempt } from "./attempt.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { TargetSession, TargetSessions } from "./effects.ts";
import type { Batch, BatchOptions, IterateOptions } from "./job-context.ts";
import { createLoopNest, type HeldItem, type OpenLoop } from "./loop-nest.ts";
import { type LoopPlace, placeIn } from "./position.ts";
import type { AttemptProgress } from "./progress-reporter.ts";
import { createThrottles } from "./throttle.ts";

/** What a loop needs of its attempt. */
export interface LoopServices {
  readonly attempt: Attempt;
  readonly checkpoints: Checkpoints;
  readonly progress: AttemptProgress;
  readonly artifacts: () => AttemptArtifacts | null;
  readonly targets: TargetSessions;
  readonly source: SourceContext;
  readonly monotonic: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

interface Loop {
  readonly open: OpenLoop;
  readonly session: TargetSession | null;
  readonly target: EffectsTarget<unknown> | null;
  place: LoopPlace;
}

const DEFAULT_NAME = "items";
/** Items that an array hands over at once. */
const ARRAY_GROUP = 1_000;

/** Creates the loops of one attempt: one after the other, or one inside the other, each with a place of its own. */
export function createLoops(services: LoopServices) {
  const nest = createLoopNest();
  const throttles = createThrottles(services);

  async function* batches<T>(source: RecordSource<T> | readonly T[], options: BatchOptions): AsyncGenerator<Batch<T>> {
    const { size, every, ratePerSecond } = options;
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`iterate: size is ${size}; use a whole number from 1.`);
    const records = recordsOf(source);
    const open = nest.open(options.name ?? DEFAULT_NAME);
    try {
      const throttle = throttles.at(open.path, ratePerSecond);
      const loop = await begin(services, { open, records, target: options.target ?? null });
      for await (const entries of regroup(records.entries(services.source, loop.place.at), size)) {
        await services.checkpoints.pass();
        await throttle(entries.length);
        const held = hold(loop, entries.length, entries.at(-1)?.cursor ?? null);
        yield createBatch(loop, held, entries);
        if (loop.session && !held.committed) {
          throw new TypeError("A loop that names a target has to commit every batch to it, with `batch.commit`.");
        }
        finish(services, loop, held);
        if (every === 1) await services.checkpoints.save();
      }
    } finally {
      open.close();
    }
  }

  async function* items<T>(source: RecordSource<T> | readonly T[], options: IterateOptions): AsyncGenerator<T> {
    const records = recordsOf(source);
    const open = nest.open(options.name ?? DEFAULT_NAME);
    try {
      const throttle = throttles.at(open.path, options.ratePerSecond);
      const loop = await begin(services, { open, records, target: null });
      for await (const group of records.entries(services.source, loop.place.at)) {
        for (const { item, cursor } of group) {
          const passing = services.checkpoints.pass();
          if (passing) await passing;
          await throttle(1);
          const held = hold(loop, 1, cursor);
          yield item;
          finish(services, loop, held);
          if (options.every === 1) await services.checkpoints.save();
        }
      }
    } finally {
      open.close();
    }
  }

  return { batches, items };
}

interface Beginning<T> {
  readonly open: OpenLoop;
  readonly records: RecordSource<T>;
  readonly target: EffectsTarget<unknown> | null;
}

/** Finds the loop's place; an outermost one shows how far the job is. */
async function begin<T>(services: LoopServices, { open, records, target }: Beginning<T>): Promise<Loop> {
  const { position } = services.attempt;
  const session = target ? await services.targets.of(target) : null;
  const place = placeOf(open, session ? session.loop : (path) => placeIn(position.place.loops, path));
  if (session) await agreeWithTarget(services, { open, place, session });
  if (open.of === undefined) {
    const known = await records.total?.(services.source);
    services.progress.reporter.set({ done: place.done, ...(known && { total: known.total, unit: known.unit }) });
  }
  return { open, session, target, place };
}

/** Its own place only: what an earlier item of the outer loop left there counts as none. */
function placeOf({ name, path, of }: OpenLoop, find: (path: string) => LoopPlace | null): LoopPlace {
  // Checkpoints of earlier versions hold outermost loops by their plain names.
  const own = [path, name].map(find).find((place) => place && place.of === of);
  return own ?? { at: null, done: 0, of };
}

interface AtTarget {
  readonly open: OpenLoop;
  readonly place: LoopPlace;
  readonly session: TargetSession;
}

/** A target and the store commit apart from each other: makes up for what one of them does not know yet. */
async function agreeWithTarget(services: LoopServices, { open, place, session }: AtTarget): Promise<void> {
  const { position } = services.attempt;
  // The target is about to forget the outer item that its place belongs to. Unless a checkpoint says that this item is
  // done, a crash would let it begin anew.
  if ((session.loop(open.path) ?? place).of !== open.of && position.dirty) await services.checkpoints.save();
  // A target that is ahead of the store is progress, too, which no checkpoint shows yet.
  const stored = placeOf(open, (path) => placeIn(position.place.loops, path));
  if (place.done > stored.done) position.setLoop(open.path, place);
}

function hold({ open, place }: Loop, count: number, cursor: Json): HeldItem {
  const held = { after: { at: cursor, done: place.done + count, of: open.of }, committed: false };
  open.hold(held);
  return held;
}

function finish(services: LoopServices, loop: Loop, { after }: HeldItem): void {
  const { open } = loop;
  const { position } = services.attempt;
  if (open.release()) position.dropInner(open.path);
  if (open.of === undefined) services.progress.advance(after.done - loop.place.done);
  loop.place = after;
  services.artifacts()?.capture();
  position.setLoop(open.path, after);
}

function recordsOf<T>(source: RecordSource<T> | readonly T[]): RecordSource<T> {
  if (isArray(source)) return arrayRecords(source);
  // Maps, sets and typed arrays have entries, too, but no cursors.
  const isSource = typeof source === "object" && source !== null && typeof source.entries === "function";
  if (isSource && !(Symbol.iterator in source) && !(Symbol.asyncIterator in source)) return source;
  throw new TypeError(
    "iterate: this source has no cursor, so the job could not go on in it where it stopped. Wrap an iterable with `iterableRecords`, pages of a database with `pagedRecords`, or pass an array.",
  );
}

function isArray<T>(source: RecordSource<T> | readonly T[]): source is readonly T[] {
  return Array.isArray(source);
}

/** An array as a source: its cursor is the number of items before it. */
function arrayRecords<T>(items: readonly T[]): RecordSource<T> {
  return {
    total: async () => ({ total: items.length, unit: "items" }),
    async *entries(_context, cursor) {
      for (let from = Number(cursor ?? 0); from < items.length; from += ARRAY_GROUP) {
        yield items.slice(from, from + ARRAY_GROUP).map((item, index) => ({ item, cursor: from + index + 1 }));
      }
    },
  };
}

/** Cuts groups of any size into groups of `size`; the last may be smaller. */
async function* regroup<T>(
  groups: AsyncIterable<readonly SourceEntry<T>[]>,
  size: number,
): AsyncGenerator<readonly SourceEntry<T>[]> {
  let entries: SourceEntry<T>[] = [];
  for await (const group of groups) {
    for (const entry of group) {
      entries.push(entry);
      if (entries.length < size) continue;
      yield entries;
      entries = [];
    }
  }
  if (entries.length > 0) yield entries;
}

function createBatch<T>(loop: Loop, held: HeldItem, entries: readonly SourceEntry<T>[]): Batch<T> {
  const { open, session, place } = loop;
  return {
    items: entries.map((entry) => entry.item),
    offset: place.done,
    async commit<Tx, R>(target: EffectsTarget<Tx>, work: (tx: Tx) => R): Promise<Awaited<R>> {
      if (!session || loop.target !== target)
        throw new TypeError("`batch.commit` needs the target that the loop named with `target`.");
      if (held.committed) throw new TypeError("This batch was committed already.");
      open.refuseInner("committed a batch");
      const result = await session.commit(work, { path: open.path, place: held.after });
      held.committed = true;
      return result;
    },
  };
}
