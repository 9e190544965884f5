// Reads schedules and firings out of the database's rows. As rows.ts, without casts.
import type { Json } from "../../domain/job.ts";
import { type FiringOutcome, MISSED_POLICIES, OVERLAP_POLICIES, type ScheduleRecord } from "../../domain/schedule.ts";
import { parseArray } from "./rows.ts";

const OUTCOMES: readonly FiringOutcome[] = ["fired", "skipped", "refused"];

const textOrNull = (value: unknown): string | null => (value === null ? null : String(value));

function oneOf<T extends string>(known: readonly T[], value: unknown): T {
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`The database holds an unexpected word: ${JSON.stringify(value)}.`);
  return found;
}

export const firingOutcomeOf = (value: unknown): FiringOutcome => oneOf(OUTCOMES, value);

function lastOf(value: unknown): ScheduleRecord["last"] {
  if (value === null) return null;
  const [fireAt, at, outcome, jobId, message] = parseArray(value, 5);
  return {
    fireAt: Number(fireAt),
    at: Number(at),
    outcome: firingOutcomeOf(outcome),
    jobId: textOrNull(jobId),
    message: textOrNull(message),
  };
}

/** A schedule from `queries.schedules`. */
export function scheduleRecordOf(value: unknown): ScheduleRecord {
  const row = parseArray(value, 17);
  const input: Json = JSON.parse(String(row[4]));
  const labels: ScheduleRecord["labels"] = JSON.parse(String(row[7]));
  return {
    name: String(row[0]),
    cron: String(row[1]),
    timeZone: String(row[2]),
    type: String(row[3]),
    input,
    queue: textOrNull(row[5]),
    priority: Number(row[6]),
    labels,
    overlap: oneOf(OVERLAP_POLICIES, row[8]),
    missed: oneOf(MISSED_POLICIES, row[9]),
    paused: row[10] === 1,
    nextAt: row[11] === null ? null : Number(row[11]),
    last: lastOf(row[12]),
    lastJobId: textOrNull(row[13]),
    createdAt: Number(row[14]),
    updatedAt: Number(row[15]),
    revision: Number(row[16]),
  };
}
