// Works out the firings of one schedule that are due, and has the store record each together with its job. What cannot
// be fired now stays due, and nothing is lost by it.
import { isFinal } from "../domain/lifecycle.ts";
import type { ScheduleRecord } from "../domain/schedule.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { FireResult, Firing, Store } from "../ports/store.ts";
import { readCron } from "./cron.ts";
import type { PrepareJob } from "./new-job.ts";
import { isPassing } from "./persist.ts";
import { requestOf, scheduleActor } from "./scheduled-job.ts";

export interface FiringServices {
  readonly store: Pick<Store, "schedules" | "jobs">;
  readonly prepare: PrepareJob;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A firing waits for this job: when it ends, look again. */
  readonly awaitEnd: (jobId: string) => void;
  readonly isStopping: () => boolean;
}

/** What could not be fired is tried again after this long at the latest. */
const RETRY_MS = 5_000;
/** Firings of one schedule in a row: with many to make up for, the other schedules have their turn in between. */
const PORTION = 100;
const MESSAGE_LIMIT = 2_000;

/** When the schedule fires next, `null` for never. */
export function dueAt({ cron, timeZone, nextAt, last }: ScheduleRecord): number | null {
  // An edit that crossed a firing may have put `nextAt` back to what is recorded already.
  if (nextAt === null || last === null || nextAt > last.fireAt) return nextAt;
  return readCron(cron, timeZone).after(last.fireAt);
}

/** Creates what fires a schedule that is due since `at`; answers in how many ms to look at it again, 0 for at once. */
export function createFireDue(services: FiringServices): (schedule: ScheduleRecord, at: number) => Promise<number> {
  const { store, clock } = services;
  const isUnfinished = async (id: string): Promise<boolean> => {
    services.awaitEnd(id);
    const [job] = await store.jobs.listed([id]);
    return job !== undefined && !isFinal(job.state);
  };
  return async (schedule, at) => {
    const timetable = readCron(schedule.cron, schedule.timeZone);
    let next: number | null = at;
    let { lastJobId } = schedule;
    for (let fired = 0; fired < PORTION && !services.isStopping(); fired++) {
      const now = clock.now();
      if (next === null) return Number.POSITIVE_INFINITY;
      if (next > now) return next - now;
      if (schedule.overlap === "queue" && lastJobId !== null && (await isUnfinished(lastJobId))) return RETRY_MS;
      const fireAt = schedule.missed === "all" ? next : Math.max(next, timetable.lastUntil(now) ?? next);
      next = timetable.after(fireAt);
      const result = await fire(services, schedule, { fireAt, nextAt: next });
      if (result.kind !== "recorded") return RETRY_MS;
      lastJobId = result.jobId ?? lastJobId;
    }
    return 0;
  };
}

type Times = Pick<Firing, "fireAt" | "nextAt">;

async function fire(services: FiringServices, schedule: ScheduleRecord, times: Times): Promise<FireResult> {
  const { name, revision } = schedule;
  const submission = await submissionOf(services, schedule, times);
  const result = await services.store.schedules.fire({ name, revision, ...times, ...submission });
  const about = { schedule: name, fireAt: new Date(times.fireAt).toISOString() };
  if (result.kind === "recorded" && result.outcome === "refused") {
    services.logger.warn({ ...about, reason: submission.message }, "A schedule's job was refused.");
  }
  if (result.kind === "not_now") {
    if ("holder" in result.result) services.awaitEnd(result.result.holder);
    services.logger.info({ ...about, reason: result.result.kind }, "A schedule's job has to wait; it is tried again.");
  }
  return result;
}

/** The job of a firing; where its type refuses it, why. */
async function submissionOf(
  { prepare }: FiringServices,
  schedule: ScheduleRecord,
  { fireAt }: Times,
): Promise<Pick<Firing, "job" | "message">> {
  try {
    return { job: await prepare(requestOf(schedule, fireAt), scheduleActor(schedule.name)), message: null };
  } catch (error) {
    if (isPassing(error)) throw error;
    return { job: null, message: String(error instanceof Error ? error.message : error).slice(0, MESSAGE_LIMIT) };
  }
}
