// Deletes what is kept no longer (on the writer's thread), a bounded piece a call.
// Invariant: nothing unfinished goes, and no failed rollback: the deleting statement looks at the state itself.
import type { DatabaseSync } from "node:sqlite";
import type { State } from "../../domain/lifecycle.ts";
import type { PruneRule } from "../../ports/store.ts";
import { integerOf, textOf } from "../sql/rows.ts";
import type { JobCounts, Place as JobPlace } from "./job-counts.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/retention.ts";
import { forgetKeys, forgetWindows } from "./queries/submits.ts";
import { PRUNABLE_STATES, type RemovedJobs, type RemoveJobs } from "./removal.ts";

/** Jobs whose times are read in a call. */
const WALKED = 5_000;
/** Jobs that are deleted at once, and rows after which a call ends: of jobs with long journals few fit into one. */
const AT_ONCE = 20;
const REMOVED_ROWS = 10_000;
const DAY_MS = 86_400_000;

/** A job, and where it stands in the walk. */
interface Place extends JobPlace {
  readonly n: number;
}

const BEFORE_ALL: JobPlace = { type: "", queue: "" };

export function createRetention(db: DatabaseSync, counts: JobCounts, removeJobs: RemoveJobs) {
  const removeUploads = db.prepare(sql.removeUploads);
  const forget = [db.prepare(forgetKeys), db.prepare(forgetWindows)];
  const forgetMinutes = db.prepare(sql.forgetMinutes);
  const finder = createFinder(db);

  /** Deletes in the given order until that is enough for one call; answers what went, and the first that did not. */
  function removeSome(places: readonly Place[]): { removed: RemovedJobs[]; left: Place | null } {
    const removed: RemovedJobs[] = [];
    let rows = 0;
    for (let from = 0; from < places.length; from += AT_ONCE) {
      if (rows >= REMOVED_ROWS) return { removed, left: places[from] ?? null };
      const piece = removeJobs(
        places.slice(from, from + AT_ONCE).map(({ n }) => n),
        PRUNABLE_STATES,
      );
      removed.push(piece);
      rows += piece.rows;
    }
    return { removed, left: null };
  }

  function pruneAged({ state, maxAgeMs, limit }: PruneRule, now: number) {
    if (maxAgeMs === null) return { removed: [], more: false };
    const { found, more } = finder.aged(state, { until: now - maxAgeMs, now }, limit);
    const { removed, left } = removeSome(found);
    if (left) finder.goBackTo(state, left);
    return { removed, more: more || left !== null };
  }

  function pruneCounted({ state, maxCount }: PruneRule, limit: number) {
    const excess = maxCount === null ? 0 : counts.inState(state) - maxCount;
    const found = excess > 0 ? finder.oldest(state, Math.min(excess, limit)) : [];
    const { removed } = removeSome(found);
    return { removed, more: (found.length > 0 || limit <= 0) && excess > sumOf(removed) };
  }

  return {
    /** Answers `[jobs, fileIds, more, changes]`. */
    prune({ now }: Moment, ruleText: string): string {
      const rule: PruneRule = JSON.parse(ruleText);
      if (!PRUNABLE_STATES.includes(rule.state)) return "[0,[],false,[]]";
      const aged = pruneAged(rule, now);
      const jobs = sumOf(aged.removed);
      const counted = pruneCounted(rule, rule.limit - jobs);
      const removed = [...aged.removed, ...counted.removed];
      const fileIds = JSON.stringify(removed.flatMap((piece) => piece.fileIds));
      const changes = removed.map((piece) => piece.changes.slice(1, -1)).filter((text) => text !== "");
      return `[${sumOf(removed)},${fileIds},${aged.more || counted.more},[${changes.join()}]]`;
    },
    /** Answers their ids. */
    pruneUploads: ({ now }: Moment, ageMs: number, limit: number): string =>
      JSON.stringify(removeUploads.all(now - ageMs, limit).map((row) => textOf(row, "id"))),
    /** Answers `1` when there may be more than `limit` of a kind. */
    pruneExpired({ now }: Moment, limit: number): string {
      forgetMinutes.run(now - DAY_MS);
      const forgotten = forget.map((statement) => Number(statement.run(now, limit).changes));
      return forgotten.some((changes) => changes === limit) ? "1" : "0";
    },
  };
}

const sumOf = (pieces: readonly RemovedJobs[]): number => pieces.reduce((total, { jobs }) => total + jobs, 0);

function createFinder(db: DatabaseSync) {
  const nextPlace = db.prepare(sql.nextPlace);
  const walk = db.prepare(sql.walk);
  const oldest = db.prepare(sql.oldest);
  /** Where the walk through a state goes on; it begins anew when it has come to the end. */
  const places = new Map<State, Place>();

  function placeAfter(state: State, { type, queue }: JobPlace): JobPlace | null {
    const row = nextPlace.get(state, type, queue);
    return row === undefined ? null : { type: textOf(row, "type"), queue: textOf(row, "queue") };
  }

  function allPlaces(state: State): readonly JobPlace[] {
    const all: JobPlace[] = [];
    for (let place = placeAfter(state, BEFORE_ALL); place; place = placeAfter(state, place)) all.push(place);
    return all;
  }

  return {
    /**
     * Jobs that finished at `until` or before. What was submitted later did not finish earlier: there a place's walk ends.
     * A job of the future, submitted while the clock was wrong, says nothing of those after it.
     */
    aged(
      state: State,
      { until, now }: AgeLimit,
      limit: number,
    ): { readonly found: readonly Place[]; readonly more: boolean } {
      const found: Place[] = [];
      let budget = WALKED;
      let place: JobPlace | null = places.get(state) ?? placeAfter(state, BEFORE_ALL);
      let n = places.get(state)?.n ?? 0;
      while (place !== null && budget > 0 && found.length < limit) {
        const asked = Math.min(budget, limit);
        const rows = walk.all(state, place.type, place.queue, n, asked);
        const old = rows.findIndex((row) => isWithin(integerOf(row, "created_at"), { until, now }));
        const read = old === -1 ? rows : rows.slice(0, old);
        for (const row of read) {
          n = integerOf(row, "n");
          if (integerOf(row, "finished_at") <= until && found.push({ ...place, n }) === limit) break;
        }
        budget -= read.length + 1;
        if (found.length < limit && read.length < asked) {
          place = placeAfter(state, place);
          n = 0;
        }
      }
      if (place === null) places.delete(state);
      else places.set(state, { ...place, n });
      return { found, more: place !== null };
    },
    goBackTo: (state: State, place: Place) => places.set(state, { ...place, n: place.n - 1 }),
    /** The first to be submitted: of many places not as many as were asked for. */
    oldest(state: State, limit: number): readonly Place[] {
      const all = allPlaces(state);
      const each = Math.ceil(limit / all.length) + 1;
      let known = Number.POSITIVE_INFINITY;
      const found = all.flatMap(({ type, queue }): Place[] => {
        const rows = oldest.all(state, type, queue, each).map((row) => ({ type, queue, n: integerOf(row, "n") }));
        if (rows.length === each) known = Math.min(known, rows.at(-1)?.n ?? 0);
        return rows;
      });
      // Beyond what is known of every place there may be others in between.
      return found
        .filter(({ n }) => n <= known)
        .sort((a, b) => a.n - b.n)
        .slice(0, limit);
    },
  };
}

interface AgeLimit {
  /** Epoch ms. */
  readonly until: number;
  readonly now: number;
}

const isWithin = (at: number, { until, now }: AgeLimit): boolean => at > until && at <= now;
