// Inserts new jobs, a batch a statement, and finds out why a member was not inserted.
import type { NewJob } from "../../ports/store.ts";
import { integerOf, parseArray } from "../sql/rows.ts";
import type { Session } from "./database.ts";
import { memberOf, type Outcome, waitingOf } from "./members.ts";
import * as sql from "./queries/insertions.ts";

/** What became of a job that an earlier call inserted, `null` when none did. */
export async function alreadyInserted(session: Session, job: NewJob): Promise<Outcome | null> {
  const [row] = await session.run(sql.submitted, job.id);
  if (row === undefined) return null;
  const result = { kind: "inserted", at: integerOf(row, "created_at") } as const;
  return { result, waiting: waitingOf(job, integerOf(row, "available_at")) };
}

/** How often a member is tried whose key or group was taken by a job that is gone when it is looked for. */
const TRIES = 10;

/** Answers one outcome a job. Nothing is looked at but ids, keys and groups: the queue's limit is the caller's to keep. */
export async function insertJobs(session: Session, jobs: readonly NewJob[]): Promise<readonly Outcome[]> {
  const outcomes = new Map<number, Outcome>();
  let left: readonly number[] = jobs.map((_, index) => index);
  for (let tries = 0; left.length > 0 && tries < TRIES; tries += 1) {
    const members = JSON.stringify(left.flatMap((index) => (jobs[index] ? [memberOf(jobs[index])] : [])));
    for (const row of await session.run(sql.insert, members)) {
      const [at, availableAt] = parseArray(row.inserted, 2);
      note(left[integerOf(row, "pos")], Number(at), Number(availableAt));
    }
    if (left.some((index) => !outcomes.has(index))) await explain(left, members);
    left = left.filter((index) => !outcomes.has(index));
  }
  return jobs.map((_, index) => {
    const outcome = outcomes.get(index);
    if (outcome === undefined)
      throw new Error("A job could not be inserted: its key was taken and freed, over and over.");
    return outcome;
  });

  function note(index: number | undefined, at: number, availableAt: number): void {
    const job = index === undefined ? undefined : jobs[index];
    if (index === undefined || job === undefined) return;
    outcomes.set(index, { result: { kind: "inserted", at }, waiting: waitingOf(job, availableAt) });
  }

  async function explain(tried: readonly number[], members: string): Promise<void> {
    for (const row of await session.run(sql.insertAnswers, members)) {
      const [pos, at, availableAt, key, group] = parseArray(row.answer, 5);
      const index = tried[Number(pos)];
      if (index === undefined || outcomes.has(index)) continue;
      if (at !== null) note(index, Number(at), Number(availableAt));
      else if (key !== null) outcomes.set(index, { result: { kind: "key_taken", holder: String(key) }, waiting: null });
      else if (group !== null)
        outcomes.set(index, { result: { kind: "exclusive_group_taken", holder: String(group) }, waiting: null });
    }
  }
}
