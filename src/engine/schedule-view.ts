// A schedule as callers see it: its next firings, and its input without secrets.
import type { Json } from "../domain/job.ts";
import type { Schedule, ScheduleRecord } from "../domain/schedule.ts";
import { hideSecrets, SECRET_MASK } from "../domain/secrets.ts";
import { readCron } from "./cron.ts";
import type { Registry } from "./registry.ts";

const UPCOMING = 5;

export function toSchedule(record: ScheduleRecord, registry: Registry, now: number): Schedule {
  const { nextAt, last, lastJobId: _lastJobId, createdAt, updatedAt, revision: _revision, ...shown } = record;
  return {
    ...shown,
    input: shownInput(record, registry),
    nextAt: nextAt === null ? null : iso(nextAt),
    upcoming: upcomingOf(record, now).map(iso),
    last: last && { ...last, fireAt: iso(last.fireAt), at: iso(last.at) },
    createdAt: iso(createdAt),
    updatedAt: iso(updatedAt),
  };
}

/** Another process's type may have secrets that this one does not know of. */
function shownInput({ type, input }: ScheduleRecord, registry: Registry): Json {
  return registry.names.includes(type) ? hideSecrets(input, registry.get(type).secretFields) : SECRET_MASK;
}

/** A firing that is due but held back is in `nextAt` only: these are still to come. */
function upcomingOf({ cron, timeZone, nextAt }: ScheduleRecord, now: number): readonly number[] {
  if (nextAt === null) return [];
  return readCron(cron, timeZone).next(UPCOMING, Math.max(now, nextAt - 1));
}

const iso = (at: number): string => new Date(at).toISOString();
