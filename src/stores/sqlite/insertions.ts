// Stores new jobs (on the writer's thread). The usual batch is one statement; a batch that may overfill a queue, or that
// asks for deduplication, is judged member by member.
import type { DatabaseSync } from "node:sqlite";
import { integerOf, textOf } from "../sql/rows.ts";
import type { JobCounts } from "./job-counts.ts";
import * as sql from "./queries/insertions.ts";

/** What a batch needs besides its rows, told by whoever made it so that nobody parses it here. */
export interface BatchNeeds {
  readonly labels: boolean;
  readonly largeInputs: boolean;
  readonly files: boolean;
  readonly dedupe: boolean;
  /** Per queue: how many jobs, and the lowest limit that any of them brought. */
  readonly queues: readonly (readonly [queue: string, count: number, limit: number])[];
  readonly places: readonly (readonly [type: string, queue: string, count: number])[];
}

/** A member, as `queries.insert` lists its fields. */
export type Member = readonly unknown[];

/** Positions in a member. */
export const FIELD = {
  id: 0,
  type: 1,
  queue: 2,
  exclusiveGroup: 4,
  priority: 5,
  labels: 6,
  input: 7,
  availableAt: 11,
  actor: 12,
  fileIds: 13,
  queueLimit: 14,
  concurrencyKey: 16,
  secretFields: 17,
  dedupeKey: 18,
  windowMs: 19,
  mode: 20,
} as const;

/** What became of a member. */
export type Answer =
  | readonly [kind: "inserted", at: number, availableAt: number]
  | readonly [kind: "key_taken" | "exclusive_group_taken" | "existing", holder: string]
  /** `change`: of the job that has the member's input now. */
  | readonly [kind: "merged", holder: string, change: unknown, availableAt: number]
  | readonly [kind: "queue_full"];

/** Rows of one statement; `last` is the number of the last one. */
interface InsertedRows {
  readonly changes: number;
  readonly last: number;
}

export type Inserter = ReturnType<typeof createInserter>;

export function createInserter(db: DatabaseSync, counts: JobCounts) {
  const insert = db.prepare(sql.insert);
  const placesAfter = db.prepare(sql.insertedPlaces);
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

  function insertRows(members: string, now: number): InsertedRows {
    const { changes, lastInsertRowid } = insert.run(members, now);
    return { changes: Number(changes), last: Number(lastInsertRowid) };
  }

  /** Does for rows that are there to stay what goes beside them. */
  function complete({ changes, last }: InsertedRows, members: string, needs: BatchNeeds): void {
    if (changes === 0) return;
    addExtras(members, needs);
    const planned = needs.places.reduce((total, [, , jobs]) => total + jobs, 0);
    if (changes === planned) {
      for (const [type, queue, more] of needs.places) counts.moved({ type, queue }, null, "queued", more);
      return;
    }
    // One statement of the only writer gives its rows consecutive numbers.
    for (const row of placesAfter.iterate(last - changes)) {
      const place = { type: textOf(row, "type"), queue: textOf(row, "queue") };
      counts.moved(place, null, "queued", integerOf(row, "jobs"));
    }
  }

  const answersOf = (members: string): readonly Answer[] => JSON.parse(textOf(answers.get(members), "answers"));

  return {
    insertRows,
    complete,
    answersOf,
    /** Whether a queue may get more of these than it has room for. */
    mayOverfill: ({ queues }: BatchNeeds): boolean =>
      queues.some(([queue, more, limit]) => counts.waiting(queue) + more > limit),
    insertOne(member: Member, needs: BatchNeeds, now: number): Answer {
      const [type, queue] = [String(member[FIELD.type]), String(member[FIELD.queue])];
      if (counts.waiting(queue) >= Number(member[FIELD.queueLimit])) return ["queue_full"];
      const one = JSON.stringify([member]);
      complete(insertRows(one, now), one, { ...needs, places: [[type, queue, 1]] });
      return answersOf(one)[0] ?? ["queue_full"];
    },
  };
}
