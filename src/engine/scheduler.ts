// Looks which schedules are due, and has them fired in the order in which they are. It looks at the next due time, when a
// schedule was changed, when a job ended that a firing waits for, and now and then in any case.
import { isFinal } from "../domain/lifecycle.ts";
import type { ScheduleRecord } from "../domain/schedule.ts";
import type { Notice } from "../ports/notifier.ts";
import { createFireDue, dueAt, type FiringServices } from "./firing.ts";
import { createLoop, type Loop } from "./loop.ts";
import type { Registry } from "./registry.ts";

export interface SchedulerOptions extends Omit<FiringServices, "awaitEnd" | "isStopping"> {
  readonly registry: Registry;
}

export interface Scheduler extends Loop {
  onNotice(notice: Notice): void;
}

/** The clock may be set, and other processes may change schedules: look at least this often. */
const LOOK_MS = 30_000;
const RETRY_MS = 5_000;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { store, registry, clock, logger } = options;
  /** Jobs that a firing waits for. */
  const awaited = new Set<string>();
  const leftToOthers = new Set<string>();
  let stopping = false;
  const fireDue = createFireDue({
    ...options,
    awaitEnd: (jobId) => awaited.add(jobId),
    isStopping: () => stopping,
  });

  const isKnown = ({ name, type }: ScheduleRecord): boolean => {
    const known = registry.names.includes(type);
    if (!known && !leftToOthers.has(name)) {
      leftToOthers.add(name);
      logger.warn({ schedule: name, type }, "A schedule is left to other processes: this one does not know its type.");
    }
    return known;
  };

  /** One schedule that goes wrong must not keep the others from firing. */
  const fireSafely = async (schedule: ScheduleRecord, at: number): Promise<number> => {
    try {
      return await fireDue(schedule, at);
    } catch (error) {
      logger.error({ err: error, schedule: schedule.name }, "A schedule could not be fired; it is tried again.");
      return RETRY_MS;
    }
  };

  const tick = async (): Promise<number> => {
    awaited.clear();
    const schedules = (await store.schedules.schedules()).filter(isKnown);
    let waitMs = LOOK_MS;
    for (const { schedule, at } of inOrder(schedules)) waitMs = Math.min(waitMs, await fireSafely(schedule, at));
    return waitMs;
  };

  const loop = createLoop({ name: "scheduler", clock, logger, firstMs: 0, retryMs: RETRY_MS, tick });
  return {
    start: loop.start,
    wake: loop.wake,
    stop() {
      stopping = true;
      return loop.stop();
    },
    onNotice(notice) {
      if (notice.kind === "resync") loop.wake();
      if (notice.kind !== "changed" || awaited.size === 0) return;
      if (notice.jobs.some((job) => awaited.has(job.id) && (job.removed || isFinal(job.state)))) loop.wake();
    },
  };
}

/** Those that fire again, the one that is due first first. */
function inOrder(schedules: readonly ScheduleRecord[]): readonly { schedule: ScheduleRecord; at: number }[] {
  return schedules
    .flatMap((schedule) => {
      const at = dueAt(schedule);
      return at === null ? [] : [{ schedule, at }];
    })
    .sort((one, other) => one.at - other.at);
}
