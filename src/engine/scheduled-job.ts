// What a schedule submits. Its jobs are found by their labels, and by who submitted them.
import type { SubmitRequest } from "../domain/job-control.ts";
import type { ScheduleRecord } from "../domain/schedule.ts";

type Template = Pick<ScheduleRecord, "name" | "type" | "input" | "queue" | "priority" | "labels">;

/**
 * The request of the firing that was due at `fireAt` (epoch ms). The labels `schedule` and `fireAt` are Pawl's, whatever
 * the schedule's own labels say.
 */
export function requestOf(schedule: Template, fireAt: number): SubmitRequest {
  const { name, type, input, queue, priority } = schedule;
  const labels = { ...schedule.labels, schedule: name, fireAt: new Date(fireAt).toISOString() };
  return { type, input, queue: queue ?? undefined, priority, labels };
}

/** Who submits, in the job's history. */
export const scheduleActor = (name: string): string => `schedule:${name}`;
