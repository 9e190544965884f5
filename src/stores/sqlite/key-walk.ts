// Goes through the waiting jobs of a lane from key to key, without reading the jobs that a key's limit holds back.
// Invariant: it looks at a bounded number of keys, and goes on after them the next time, so that every key has its turn.
import type { DatabaseSync } from "node:sqlite";
import { type Candidate, candidateOf } from "./candidate.ts";
import type { Lane, Line } from "./lanes.ts";
import * as sql from "./queries/claims.ts";
import { textOrNull } from "./rows.ts";

/** Keys to look at in one claim, each with up to three seeks; and jobs to find. */
const KEYS = 500;
const JOBS = 1_000;

export interface Walk {
  /** In no order. */
  readonly found: readonly Candidate[];
  /** Whether every key was looked at. */
  readonly complete: boolean;
}

/** `wanted` says how many jobs of a key are wanted. */
export type WalkKeys = (lane: Lane, line: Line, wanted: (key: string) => number) => Walk;

// The database orders texts by their bytes, which is not the order of JavaScript's strings.
const isAfter = (key: string, other: string) => Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;

export function createKeyWalk(db: DatabaseSync): WalkKeys {
  const first = db.prepare(sql.firstKey);
  const next = db.prepare(sql.nextKey);
  const jobs = db.prepare(sql.candidatesOfKey);

  return ({ queue, type }, line, wanted) => {
    const found: Candidate[] = [];
    const from = line.walkedTo;
    let fromTheStart = from === null;
    let key = from;
    for (let looks = 0; looks < KEYS && found.length < JOBS; looks += 1) {
      const row = key === null ? first.get(queue.name, type.name) : next.get(queue.name, type.name, key);
      key = textOrNull(row, "key");
      const over = key === null ? fromTheStart : fromTheStart && from !== null && isAfter(key, from);
      if (over) {
        line.walkedTo = null;
        return { found, complete: true };
      }
      if (key === null) fromTheStart = true;
      else found.push(...jobs.all(queue.name, type.name, key, Math.max(0, wanted(key))).map(candidateOf));
    }
    line.walkedTo = key;
    return { found, complete: false };
  };
}
