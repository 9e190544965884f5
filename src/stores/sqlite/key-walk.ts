// Goes through the waiting jobs of a lane from key to key, without reading the jobs that a key's limit holds back.
// Invariant: it looks at a bounded number of keys, and goes on after them the next time, so that every key has its turn.
import type { DatabaseSync } from "node:sqlite";
import { textOrNull } from "../sql/rows.ts";
import { type Candidate, candidateOf } from "./candidate.ts";
import { isSame, type KeyUse, type Lane, type Line } from "./lanes.ts";
import * as sql from "./queries/claims.ts";

/** Keys to look at in one claim, each with up to three seeks; and jobs to find. */
const KEYS = 500;
const JOBS = 1_000;

export interface Walk {
  /** In no order. */
  readonly found: readonly Candidate[];
  /** Whether every key was looked at, by this walk and those before it that found nothing. */
  readonly complete: boolean;
}

export interface WalkOptions {
  readonly as: KeyUse;
  /** How many jobs of a key are wanted. */
  readonly wanted: (key: string) => number;
}

// The database orders texts by their bytes, which is not the order of JavaScript's strings.
const isAfter = (key: string, other: string) => Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;

export function createKeyWalk(db: DatabaseSync): (lane: Lane, line: Line, options: WalkOptions) => Walk {
  const first = db.prepare(sql.firstKey);
  const next = db.prepare(sql.nextKey);
  const jobs = db.prepare(sql.candidatesOfKey);

  return ({ queue, type }, line, { as, wanted }) => {
    const keyAfter = (key: string | null) =>
      textOrNull(key === null ? first.get(queue.name, type.name) : next.get(queue.name, type.name, key), "key");
    const goesOn = isSame(line.circle?.as, as) ? line.circle : null;
    const began = goesOn ? goesOn.began : line.walkedTo;
    let wrapped = goesOn?.wrapped ?? began === null;
    const found: Candidate[] = [];
    let key = line.walkedTo;
    for (let looks = 0; looks < KEYS && found.length < JOBS; looks += 1) {
      key = keyAfter(key);
      if (wrapped && (key === null || (began !== null && isAfter(key, began)))) {
        line.circle = null;
        return { found, complete: true };
      }
      const count = key === null ? 0 : wanted(key);
      if (key === null) wrapped = true;
      else if (count > 0) found.push(...jobs.all(queue.name, type.name, key, count).map(candidateOf));
    }
    line.walkedTo = key;
    line.circle = found.length > 0 ? null : { as, began, wrapped };
    return { found, complete: false };
  };
}
