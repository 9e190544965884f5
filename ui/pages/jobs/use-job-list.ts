// The jobs of a filter, page after page. Rows never jump while the list is read: what is new is counted, and comes in when
// it is asked for; a job that no longer fits stays where it is until then.
import { useCallback, useEffect, useRef, useState } from "react";
import { cachedJob, moment, putJobs } from "../../data/job-cache.ts";
import { onResync, tellRead } from "../../data/live.ts";
import { server } from "../../data/server.ts";
import type { JobsFilter } from "./jobs-search.ts";
import { type News, useNews } from "./use-news.ts";

export interface JobList {
  readonly ids: readonly string[];
  /** Of the first page, of which nothing is shown yet. */
  readonly isLoading: boolean;
  /** What is shown is of the filter before, or of a moment before: the first page is read. */
  readonly isStale: boolean;
  /** Why the last read failed. */
  readonly problem: unknown;
  readonly hasMore: boolean;
  readonly news: News;
  /** Another one: what is shown was read anew, from the beginning. */
  readonly round: string;
  loadMore(): void;
  /** Reads the list anew, from its beginning. */
  refresh(): void;
  /** Reads the page that holds the row again: its jobs were forgotten since. */
  restore(index: number): void;
}

interface Loaded {
  readonly ids: readonly string[];
  readonly listed: Set<string>;
  /** Where the next page begins; `undefined` before the first, `null` at the end. */
  readonly next: string | null | undefined;
  readonly problem: unknown;
  /** Which read of which filter it comes from. */
  readonly round: string;
}

const PAGE = 200;
/** After a gap in the stream so many of the loaded jobs are read again. */
const CAUGHT_UP = 1_000;

const NOTHING: Loaded = { ids: [], listed: new Set(), next: undefined, problem: null, round: "" };

export function useJobList(filter: JobsFilter): JobList {
  const [loaded, setLoaded] = useState(NOTHING);
  const [times, setTimes] = useState(0);
  const reading = useRef<AbortController>(null);
  const key = JSON.stringify(filter);
  const round = `${times} ${key}`;

  const read = useCallback(
    async (cursor: string | undefined, before: Pick<Loaded, "ids" | "listed">) => {
      reading.current?.abort();
      const own = new AbortController();
      reading.current = own;
      const asked: JobsFilter = JSON.parse(key);
      const askedAt = moment();
      try {
        const page = await server.list({ ...asked, limit: PAGE, cursor }, { signal: own.signal });
        putJobs(page.items, askedAt);
        setLoaded({ ...joined(before, page.items), next: page.nextCursor, problem: null, round });
      } catch (problem) {
        if (!own.signal.aborted) setLoaded((present) => ({ ...present, problem }));
      } finally {
        if (reading.current === own) reading.current = null;
      }
    },
    [key, round],
  );

  useEffect(() => {
    void read(undefined, NOTHING);
    return () => reading.current?.abort();
  }, [read]);

  const { ids, listed, next, problem } = loaded;
  const refresh = useCallback(() => setTimes((present) => present + 1), []);
  const loadMore = useCallback(() => {
    if (typeof next !== "string" || reading.current !== null || problem !== null) return;
    void read(next, { ids, listed });
  }, [ids, listed, next, problem, read]);
  const hasMore = typeof next === "string";
  const isStale = loaded.round !== round && problem === null;
  const news = useNews({ key, ids, listed, hasMore, round: loaded.round });
  useCatchUp(key, ids);
  const restore = useRestore(key, ids);

  // In an empty list there is no row that could jump.
  const isEmpty = next === null && ids.length === 0 && !isStale;
  useEffect(() => {
    if (isEmpty && news.added > 0) refresh();
  }, [isEmpty, news.added, refresh]);

  const isLoading = next === undefined && problem === null;
  return { ids, isLoading, isStale, problem, hasMore, news, round: loaded.round, loadMore, refresh, restore };
}

/** The set is the list's own, and grows with it: copied at each page it would cost a long list dearly. */
function joined({ ids, listed }: Pick<Loaded, "ids" | "listed">, items: readonly { readonly id: string }[]) {
  const all = ids.length === 0 ? new Set<string>() : listed;
  const added = items.map(({ id }) => id).filter((id) => !all.has(id));
  for (const id of added) all.add(id);
  return { ids: ids.concat(added), listed: all };
}

/** Reads the first of the loaded jobs again when changes may have been missed: their rows stay, and show what is true. */
function useCatchUp(key: string, ids: readonly string[]): void {
  const present = useRef(ids);
  present.current = ids;
  useEffect(() => {
    let own = new AbortController();
    const stop = onResync(() => {
      own.abort();
      own = new AbortController();
      // The next gap, or the next refresh, tries again.
      void catchUp(JSON.parse(key), present.current.slice(0, CAUGHT_UP), own.signal).catch(() => undefined);
    });
    return () => {
      stop();
      own.abort();
    };
  }, [key]);
}

async function catchUp(filter: JobsFilter, ids: readonly string[], signal: AbortSignal): Promise<void> {
  const unread = new Set(ids);
  let cursor: string | null | undefined;
  for (let seen = 0; cursor !== null && seen <= ids.length; seen += PAGE) {
    const askedAt = moment();
    const page = await server.list({ ...filter, limit: PAGE, cursor }, { signal });
    for (const job of page.items) {
      tellRead(job.id, job, askedAt);
      unread.delete(job.id);
    }
    cursor = page.nextCursor;
  }
  // They do not match any more, or are gone.
  for (const id of unread) {
    const askedAt = moment();
    tellRead(id, await server.get(id, { signal }), askedAt);
  }
}

/** Brings back jobs that were loaded and forgotten, which a person scrolls to again: their page first, then one by one. */
function useRestore(key: string, ids: readonly string[]): (index: number) => void {
  const present = useRef(ids);
  present.current = ids;
  const wanted = useRef(new Set<number>());
  return useCallback(
    (index) => {
      const from = Math.floor(index / PAGE) * PAGE;
      if (wanted.current.has(from)) return;
      wanted.current.add(from);
      const own = present.current.slice(from, from + PAGE);
      void restorePage(JSON.parse(key), present.current[from - 1], own).finally(() => wanted.current.delete(from));
    },
    [key],
  );
}

async function restorePage(filter: JobsFilter, cursor: string | undefined, ids: readonly string[]): Promise<void> {
  const askedAt = moment();
  try {
    putJobs((await server.list({ ...filter, limit: PAGE, cursor })).items, askedAt);
    for (const id of ids) {
      if (cachedJob(id) !== undefined) continue;
      const job = await server.get(id);
      if (job) putJobs([job], askedAt);
    }
  } catch {
    // The rows are asked for again when they are next drawn.
  }
}
