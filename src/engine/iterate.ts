// The loop of a job: goes through a source batch by batch and keeps the place, so that a job which stops between two
// batches, for whatever cause, goes on with the next one.
import type { EffectsTarget } from "../ports/effects.ts";
import type { RecordSource, SourceContext, SourceEntry } from "../ports/record-source.ts";
import type { AttemptArtifacts } from "./artifacts.ts";
import type { Attempt } from "./attempt.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { TargetSession, TargetSessions } from "./effects.ts";
import type { Batch, BatchOptions, IterateOptions } from "./job-context.ts";
import type { LoopPlace } from "./position.ts";
import type { AttemptProgress } from "./progress-reporter.ts";

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
  readonly name: string;
  readonly session: TargetSession | null;
  readonly target: EffectsTarget<unknown> | null;
  readonly start: LoopPlace;
}

const DEFAULT_NAME = "items";
const START: LoopPlace = { at: null, done: 0 };
/** Items that an array hands over at once. */
const ARRAY_GROUP = 1_000;

/** Creates the loops of one attempt. The same name twice in an attempt would mix two places up, so it is refused. */
export function createLoops(services: LoopServices) {
  const names = new Set<string>();

  const open = async (options: IterateOptions & Partial<BatchOptions>): Promise<Loop> => {
    const name = options.name ?? DEFAULT_NAME;
    if (names.has(name))
      throw new TypeError(`This job already ran a loop named "${name}". Give each loop of a job its own \`name\`.`);
    names.add(name);
    const session = options.target ? await services.targets.of(options.target) : null;
    const start = (session ? session.loop(name) : services.attempt.position.place.loops[name]) ?? START;
    // A target that is ahead of the store is progress, too, which no checkpoint shows yet.
    if (session && start.done > (services.attempt.position.place.loops[name]?.done ?? 0)) {
      services.attempt.position.setLoop(name, start);
    }
    return { name, session, target: options.target ?? null, start };
  };

  async function* batches<T>(source: RecordSource<T> | readonly T[], options: BatchOptions): AsyncGenerator<Batch<T>> {
    const { size } = options;
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`iterate: size is ${size}; use a whole number from 1.`);
    const loop = await open(options);
    let place = loop.start;
    const throttle = createThrottle(services, options.ratePerSecond);
    for await (const entries of regroup(await begin(services, source, place), size)) {
      await services.checkpoints.pass();
      await throttle(entries.length);
      const after: LoopPlace = { at: entries.at(-1)?.cursor ?? null, done: place.done + entries.length };
      const committed = { done: false };
      yield createBatch({ loop, entries, place, after, committed });
      if (loop.session && !committed.done) {
        throw new TypeError("A loop that names a target has to commit every batch to it, with `batch.commit`.");
      }
      place = after;
      finishBatch(services, loop.name, place, entries.length);
      if (options.every === 1) await services.checkpoints.save();
    }
  }

  async function* items<T>(source: RecordSource<T> | readonly T[], options: IterateOptions): AsyncGenerator<T> {
    const loop = await open(options);
    let place = loop.start;
    const throttle = createThrottle(services, options.ratePerSecond);
    for await (const group of await begin(services, source, place)) {
      for (const { item, cursor } of group) {
        const passing = services.checkpoints.pass();
        if (passing) await passing;
        await throttle(1);
        yield item;
        place = { at: cursor, done: place.done + 1 };
        finishBatch(services, loop.name, place, 1);
        if (options.every === 1) await services.checkpoints.save();
      }
    }
  }

  return { batches, items };
}

/** Opens the source after the place, and tells what is known of the whole. */
async function begin<T>(services: LoopServices, source: RecordSource<T> | readonly T[], place: LoopPlace) {
  const records = isArray(source) ? arrayRecords(source) : source;
  const known = await records.total?.(services.source);
  services.progress.reporter.set({ done: place.done, ...(known && { total: known.total, unit: known.unit }) });
  return records.entries(services.source, place.at);
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
  let rest: readonly SourceEntry<T>[] = [];
  for await (const group of groups) {
    const all = rest.length === 0 ? group : [...rest, ...group];
    let from = 0;
    for (; from + size <= all.length; from += size) yield all.slice(from, from + size);
    rest = all.slice(from);
  }
  if (rest.length > 0) yield rest;
}

interface BatchParts<T> {
  readonly loop: Loop;
  readonly entries: readonly SourceEntry<T>[];
  readonly place: LoopPlace;
  readonly after: LoopPlace;
  readonly committed: { done: boolean };
}

function createBatch<T>({ loop, entries, place, after, committed }: BatchParts<T>): Batch<T> {
  return {
    items: entries.map((entry) => entry.item),
    offset: place.done,
    async commit(target, work) {
      if (!loop.session || loop.target !== target)
        throw new TypeError("`batch.commit` needs the target that the loop named with `target`.");
      if (committed.done) throw new TypeError("This batch was committed already.");
      const result = await loop.session.commit(work, { name: loop.name, place: after });
      committed.done = true;
      return result;
    },
  };
}

function finishBatch(services: LoopServices, name: string, place: LoopPlace, count: number): void {
  services.artifacts()?.capture();
  services.attempt.position.setLoop(name, place);
  services.progress.advance(count);
}

/** Spreads items evenly: item n of this attempt starts no sooner than n / rate after the first. */
function createThrottle({ monotonic, wait }: LoopServices, ratePerSecond: number | undefined) {
  if (ratePerSecond === undefined) return (): undefined => undefined;
  if (!(ratePerSecond > 0)) throw new RangeError(`iterate: ratePerSecond is ${ratePerSecond}; use a number above 0.`);
  let readyAt = monotonic();
  return async (count: number) => {
    const waitMs = readyAt - monotonic();
    if (waitMs > 0) await wait(waitMs);
    readyAt = Math.max(readyAt, monotonic() - 1_000) + (count * 1_000) / ratePerSecond;
  };
}
