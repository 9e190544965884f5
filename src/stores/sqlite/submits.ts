// Submits, in bulk or all together (on the writer's thread).
// Invariant: jobs that were submitted together are there all or none, and with them the key that makes it repeatable.
import type { DatabaseSync } from "node:sqlite";
import type { Idempotency } from "../../ports/store.ts";
import { parseArray, textOf } from "../sql/rows.ts";
import { createDedupe } from "./dedupe.ts";
import { type Answer, type BatchNeeds, FIELD, type Inserter } from "./insertions.ts";
import type { JobCounts } from "./job-counts.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/submits.ts";

export function createSubmits(db: DatabaseSync, counts: JobCounts, inserter: Inserter) {
  const dedupe = createDedupe(db, counts, inserter);

  function insertEach(members: string, needs: BatchNeeds, now: number): Answer[] {
    return parseArray(JSON.parse(members)).map((value) => {
      const member = parseArray(value);
      if (member[FIELD.mode] === undefined) return inserter.insertOne(member, needs, now);
      return dedupe(member, needs, now);
    });
  }

  function insertAll(members: string, count: number, needs: BatchNeeds, now: number): readonly Answer[] | null {
    const rows = inserter.insertRows(members, now);
    inserter.complete(rows, members, needs);
    return rows.changes === count ? null : inserter.answersOf(members);
  }

  return {
    /** `members`: a JSON array. Answers `[now, null]` when all were inserted as they are, else `[now, one answer a member]`. */
    insert({ now }: Moment, members: string, count: number, needsText: string): string {
      const needs: BatchNeeds = JSON.parse(needsText);
      const each =
        needs.dedupe || inserter.mayOverfill(needs)
          ? insertEach(members, needs, now)
          : insertAll(members, count, needs, now);
      return each === null ? `[${now},null]` : JSON.stringify([now, each]);
    },
    ...createTogether(db, counts, inserter),
  };
}

type Together =
  | readonly [kind: "inserted", at: number]
  | readonly [kind: "replayed", ids: unknown]
  | readonly [kind: "idempotency_conflict"]
  | readonly [kind: "refused", index: number, answer: Answer];

function createTogether(db: DatabaseSync, counts: JobCounts, inserter: Inserter) {
  const usedKey = db.prepare(sql.usedKey);
  const useKey = db.prepare(sql.useKey);

  function replay({ caller, key, digest }: Idempotency, now: number): Together | null {
    const used = usedKey.get(caller, key, now);
    if (used === undefined) return null;
    if (textOf(used, "digest") !== digest) return ["idempotency_conflict"];
    return ["replayed", JSON.parse(textOf(used, "job_ids"))];
  }

  /** Where the first member is for which its queue has no room. */
  function firstTooMany(members: readonly unknown[]): number {
    const taken = new Map<string, number>();
    return members.findIndex((value) => {
      const member = parseArray(value);
      const queue = String(member[FIELD.queue]);
      const waiting = taken.get(queue) ?? counts.waiting(queue);
      taken.set(queue, waiting + 1);
      return waiting >= Number(member[FIELD.queueLimit]);
    });
  }

  // Told from the rows as they would be: whoever is refused is refused because of members that stand before it.
  function judge(members: string, overfilled: boolean, now: number): Together {
    const full = overfilled ? firstTooMany(parseArray(JSON.parse(members))) : -1;
    const answers = inserter.answersOf(members);
    const index = answers.findIndex(([kind], position) => kind !== "inserted" || position === full);
    const answer = answers[index];
    if (answer === undefined) return ["inserted", answers[0]?.[0] === "inserted" ? answers[0][1] : now];
    return ["refused", index, answer[0] === "inserted" ? ["queue_full"] : answer];
  }

  function insertAll(members: string, count: number, needs: BatchNeeds, now: number): Together {
    db.exec(sql.SAVEPOINT);
    const rows = inserter.insertRows(members, now);
    // Rows that are there already came of the same submit: they need no room.
    const overfilled = rows.changes > 0 && inserter.mayOverfill(needs);
    const answer =
      rows.changes === count && !overfilled ? (["inserted", now] as const) : judge(members, overfilled, now);
    if (answer[0] === "inserted") inserter.complete(rows, members, needs);
    else db.exec(sql.ROLL_BACK);
    db.exec(sql.RELEASE);
    return answer;
  }

  return {
    /** Answers a `Together`. */
    insertTogether({ now }: Moment, members: string, count: number, needsText: string, onceText: string): string {
      const once: Idempotency | null = JSON.parse(onceText);
      const replayed = once && replay(once, now);
      if (replayed) return JSON.stringify(replayed);
      const answer = insertAll(members, count, JSON.parse(needsText), now);
      if (once && answer[0] === "inserted")
        useKey.run(once.caller, once.key, once.digest, members, now + Math.round(once.keepMs));
      return JSON.stringify(answer);
    },
  };
}
