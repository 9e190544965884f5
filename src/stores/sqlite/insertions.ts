// Stores new jobs (on the writer's thread). The usual batch is one statement; only a batch that may overfill a queue is
// judged member by member.
import type { DatabaseSync } from "node:sqlite";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/insertions.ts";
import type { QueueCounts } from "./queue-counts.ts";
import { integerOf, parseArray, textOf } from "./rows.ts";

/** What a batch needs besides its rows, told by whoever made it so that nobody parses it here. */
export interface BatchNeeds {
  readonly labels: boolean;
  readonly largeInputs: boolean;
  readonly files: boolean;
  /** Per queue: how many jobs, and the lowest limit that any of them brought. */
  readonly queues: readonly (readonly [queue: string, count: number, limit: number])[];
}

/** Positions in a member, as `queries.insert` lists them. */
const QUEUE = 2;
const LIMIT = 14;

/** Per member: `null` for inserted now, else what the store says of it. */
type Answer = readonly [createdAt: number | null, keyHolder: string | null, groupHolder: string | null] | "full";

export function createInsertions(db: DatabaseSync, counts: QueueCounts) {
  const insert = db.prepare(sql.insert);
  const inserted = db.prepare(sql.insertedQueues);
  const answers = db.prepare(sql.insertAnswers);
  const largeInputs = db.prepare(sql.insertLargeInputs);
  const labels = db.prepare(sql.insertLabels);
  const files = db.prepare(sql.adoptFiles);
  const users = db.prepare(sql.useFiles);

  function addExtras(members: string, needs: BatchNeeds): void {
    if (needs.largeInputs) largeInputs.run(members);
    if (needs.labels) labels.run(members);
    if (!needs.files) return;
    users.run(members);
    files.run(members);
  }

  // One statement of the only writer gives its rows consecutive numbers.
  function countInserted(changes: number, last: number): void {
    if (changes === 0) return;
    for (const row of inserted.iterate(last - changes)) counts.add(textOf(row, "queue"), integerOf(row, "waiting"));
  }

  const answersOf = (members: string): readonly Answer[] => JSON.parse(textOf(answers.get(members), "answers"));

  function insertEach(moment: Moment, members: readonly unknown[]): Answer[] {
    return members.map((member) => {
      const fields = parseArray(member);
      const queue = String(fields[QUEUE]);
      if (counts.waiting(queue) >= Number(fields[LIMIT])) return "full";
      const one = JSON.stringify([member]);
      if (insert.run(one, moment.now).changes === 1) counts.add(queue, 1);
      return answersOf(one)[0] ?? "full";
    });
  }

  return {
    /** `members`: a JSON array. Answers `[now, null]` when all were inserted, else `[now, one answer a member]`. */
    insert(moment: Moment, members: string, count: number, needsText: string): string {
      const needs: BatchNeeds = JSON.parse(needsText);
      if (needs.queues.some(([queue, more, limit]) => counts.waiting(queue) + more > limit)) {
        const each = insertEach(moment, parseArray(JSON.parse(members)));
        addExtras(members, needs);
        return JSON.stringify([moment.now, each]);
      }
      const { changes, lastInsertRowid } = insert.run(members, moment.now);
      addExtras(members, needs);
      if (changes === count) {
        for (const [queue, more] of needs.queues) counts.add(queue, more);
        return `[${moment.now},null]`;
      }
      countInserted(Number(changes), Number(lastInsertRowid));
      return JSON.stringify([moment.now, answersOf(members)]);
    },
  };
}
