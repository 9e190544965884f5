// Schedules: which job to submit when.
import type { NewSchedule, Schedule, ScheduleEdit } from "../domain/schedule.ts";
import { asJson } from "./json-input.ts";
import { ROUTES } from "./routes.ts";
import type { ReadOptions, Send } from "./send.ts";

/** Methods that name a schedule reject with `not_found` when there is none. */
export interface ClientSchedules {
  /** By name. */
  list(options?: ReadOptions): Promise<readonly Schedule[]>;
  get(name: string, options?: ReadOptions): Promise<Schedule>;
  /**
   * Rejects with `name_taken`, `unknown_job_type`, `invalid_input`, or `invalid_request` for a cron expression or time zone.
   *
   * @example
   * await client.schedules.create({ name: "nightly", cron: "30 2 * * *", type: "data-export", input: { dataset: "people" } });
   */
  create(schedule: NewSchedule): Promise<Schedule>;
  /** Changes what is given; `paused` pauses and resumes it. What is given is refused as `create` refuses it. */
  edit(name: string, change: ScheduleEdit): Promise<Schedule>;
  /** Its jobs stay. */
  remove(name: string): Promise<void>;
}

export function createSchedules(send: Send): ClientSchedules {
  return {
    list: async ({ signal } = {}) => (await send(ROUTES.listSchedules, { signal })).body.items,
    get: async (name, { signal } = {}) => (await send(ROUTES.getSchedule, { params: { name }, signal })).body,
    async create({ input, ...schedule }) {
      return (await send(ROUTES.createSchedule, { body: { ...schedule, input: asJson(input) } })).body;
    },
    async edit(name, { input, ...change }) {
      const body = { ...change, ...(input !== undefined && { input: asJson(input) }) };
      return (await send(ROUTES.editSchedule, { params: { name }, body })).body;
    },
    async remove(name) {
      await send(ROUTES.removeSchedule, { params: { name } });
    },
  };
}
