// Hands waiting jobs to workers (on the writer's thread): level by level of priority, each level a range of one index.
// Jobs of a later time or of another type are stepped over, never read.
import type { DatabaseSync } from "node:sqlite";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/claims.ts";
import { workerAlive } from "./queries/workers.ts";
import type { QueueCounts } from "./queue-counts.ts";
import { integerOf, integerOrNull, parseTexts, textOf } from "./rows.ts";

interface Candidate {
  readonly n: number;
  readonly availableAt: number;
  readonly queue: string;
}

/** A type with waiting jobs, and the priority to look at next. */
interface Head {
  readonly type: string;
  readonly priority: number;
}

const inClaimOrder = (a: Candidate, b: Candidate) => a.availableAt - b.availableAt || a.n - b.n;

export function createClaims(db: DatabaseSync, counts: QueueCounts) {
  const priorityBelow = db.prepare(sql.claimPriority);
  const claimable = db.prepare(sql.claimable);
  const next = db.prepare(sql.claimNext);
  const claim = db.prepare(sql.claim);
  const record = db.prepare(sql.recordClaims);
  const alive = db.prepare(workerAlive);

  function heads(types: readonly string[], below = Number.MAX_SAFE_INTEGER): Head[] {
    return types.flatMap((type) => {
      const priority = integerOrNull(priorityBelow.get(type, below), "priority");
      return priority === null ? [] : [{ type, priority }];
    });
  }

  /** Goes down the priorities of `types`; `visit` gets the types that wait at each, and says whether to go on. */
  function descend(types: readonly string[], visit: (priority: number, types: readonly string[]) => boolean): void {
    let waiting = heads(types);
    while (waiting.length > 0) {
      const priority = Math.max(...waiting.map((head) => head.priority));
      const level = waiting.filter((head) => head.priority === priority).map((head) => head.type);
      if (!visit(priority, level)) return;
      waiting = [...waiting.filter((head) => head.priority < priority), ...heads(level, priority)];
    }
  }

  function candidates(types: readonly string[], now: number, limit: number): Candidate[] {
    const found: Candidate[] = [];
    if (limit <= 0) return found;
    descend(types, (priority, level) => {
      const rows = level.flatMap((type) =>
        claimable.all(type, priority, now, limit - found.length).map((row) => ({
          n: integerOf(row, "n"),
          availableAt: integerOf(row, "available_at"),
          queue: textOf(row, "queue"),
        })),
      );
      if (level.length > 1) rows.sort(inClaimOrder);
      found.push(...rows.slice(0, limit - found.length));
      return found.length < limit;
    });
    return found;
  }

  // Something that can be claimed at once ends the search: the caller only needs to know that it need not wait.
  function nextAvailableAt(types: readonly string[], now: number): number | null {
    let earliest: number | null = null;
    descend(types, (priority, level) => {
      for (const type of level) {
        const at = integerOrNull(next.get(type, priority), "next");
        if (at !== null && (earliest === null || at < earliest)) earliest = at;
      }
      return earliest === null || earliest > now;
    });
    return earliest;
  }

  function take(chosen: readonly Candidate[], workerId: string, now: number): string[] {
    const numbers = `[${chosen.map((candidate) => candidate.n).join()}]`;
    const records = new Map<number, string>();
    for (const row of claim.all(numbers, workerId, now)) records.set(integerOf(row, "n"), textOf(row, "record"));
    record.run(numbers, now);
    for (const { queue } of chosen) counts.add(queue, -1);
    return chosen.flatMap((candidate) => records.get(candidate.n) ?? []);
  }

  return {
    /** Answers `[alive, nextInMs, records]`, in claim order. */
    claim({ now, monotonic }: Moment, workerId: string, typesText: string, limit: number): string {
      if (alive.get(workerId, monotonic) === undefined) return "[false,null,[]]";
      const types = [...new Set(parseTexts(typesText))];
      const chosen = candidates(types, now, limit);
      const records = chosen.length === 0 ? [] : take(chosen, workerId, now);
      const next = nextAvailableAt(types, now);
      return `[true,${next === null ? null : Math.max(0, next - now)},[${records.join()}]]`;
    },
  };
}
