// The role of schedules over the writer's thread: a scheduler must see what it just recorded.
import type { FireResult, Firing, NewJob, ScheduleStore, ScheduleWrite } from "../../ports/store.ts";
import { type LocalNotifier, publishMoved } from "../sql/notifier.ts";
import { parseArray } from "../sql/rows.ts";
import { firingOutcomeOf, scheduleRecordOf } from "../sql/schedule-rows.ts";
import type { Connection } from "./connection.ts";
import { memberOf, needsOf, outcomeOf, waitingOf } from "./inserting.ts";
import type { FiringArguments } from "./schedules.ts";

export interface ScheduleStoreOptions {
  readonly writer: Connection;
  readonly notifier: LocalNotifier;
}

function jobArgumentsOf(job: NewJob): FiringArguments["job"] {
  const member = memberOf(job);
  return { member, needs: needsOf([job], [JSON.stringify(member)]) };
}

function firingArgumentsOf({ job, ...firing }: Firing): FiringArguments {
  return { ...firing, job: job && jobArgumentsOf(job) };
}

function createFire({ writer, notifier }: ScheduleStoreOptions): ScheduleStore["fire"] {
  return async (firing): Promise<FireResult> => {
    const text = JSON.stringify(firingArgumentsOf(firing));
    const [kind, value, jobId, availableAt] = parseArray(JSON.parse(await writer.call("fire", text)));
    if (kind === "recorded") {
      const { job } = firing;
      if (job && jobId !== null) publishMoved(notifier, [waitingOf(job, Number(availableAt))]);
      return { kind, outcome: firingOutcomeOf(value), jobId: jobId === null ? null : String(jobId) };
    }
    if (kind === "not_now" && firing.job) return { kind, result: outcomeOf(firing.job, value).result };
    return { kind: "stale" };
  };
}

export function createScheduleStore(options: ScheduleStoreOptions): ScheduleStore {
  const { writer } = options;
  const encode = (schedule: ScheduleWrite) => JSON.stringify(schedule);
  return {
    schedules: async () => parseArray(JSON.parse(await writer.call("schedules"))).map(scheduleRecordOf),
    async createSchedule(schedule) {
      return (await writer.call("createSchedule", encode(schedule))) === "1" ? "created" : "name_taken";
    },
    async editSchedule(schedule, expectedRevision) {
      const changes = await writer.call("editSchedule", encode(schedule), expectedRevision);
      return changes === "1" ? "edited" : "stale";
    },
    removeSchedule: async (name) => (await writer.call("removeSchedule", name)) === "1",
    fire: createFire(options),
  };
}
