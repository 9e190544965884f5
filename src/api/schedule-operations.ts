// Schedules: which job to submit when.
import { z } from "zod";
import { LIMITS } from "../domain/limits.ts";
import { MISSED_POLICIES, OVERLAP_POLICIES, type Schedule } from "../domain/schedule.ts";
import { EXAMPLE_JOB_ID } from "./examples.ts";
import { json, labels, queueName, time, typeName } from "./fields.ts";
import { operation } from "./operation.ts";

export const scheduleSchema: z.ZodType<Schedule> = z.object({
  name: z.string(),
  cron: z.string(),
  timeZone: z.string(),
  type: z.string(),
  input: json(),
  queue: z.string().nullable().describe("`null`: the job type's."),
  priority: z.number(),
  labels: z.record(z.string(), z.string()),
  overlap: z.enum(OVERLAP_POLICIES),
  missed: z.enum(MISSED_POLICIES),
  paused: z.boolean(),
  nextAt: time().nullable().describe("`null` when it never fires again, or is paused."),
  upcoming: z.array(time()).describe("The next five firings."),
  last: z
    .object({
      fireAt: time().describe("When it was due."),
      at: time().describe("When it was done."),
      outcome: z.enum(["fired", "skipped", "refused"]),
      jobId: z.string().nullable(),
      message: z.string().nullable().describe("Why it was refused."),
    })
    .nullable(),
  createdAt: time(),
  updatedAt: time(),
});

export const scheduleListSchema: z.ZodType<{ readonly items: readonly Schedule[] }> = z.object({
  items: z.array(scheduleSchema),
});

const name = z
  .string()
  .min(1)
  .max(LIMITS.scheduleNameLength)
  .regex(/^[A-Za-z0-9_.-]+$/, "must consist of letters, digits and _ . -");
const cron = z
  .string()
  .min(1)
  .max(200)
  .describe("Five fields (minute, hour, day of month, month, day of week), or six with seconds first.");
const timeZone = z.string().min(1).max(100).describe("IANA name, such as `Europe/Berlin`. Default `UTC`.");
const shape = {
  queue: queueName().describe("Default: the job type's."),
  priority: z.int().min(-LIMITS.priority).max(LIMITS.priority).describe("Default 0."),
  labels: labels(),
  overlap: z
    .enum(OVERLAP_POLICIES)
    .describe(
      "When it is due and its last job is unfinished: `skip` (default) leaves the firing out, `queue` waits for it.",
    ),
  missed: z
    .enum(MISSED_POLICIES)
    .describe("Firings that were missed while no server ran: `one` (default) makes up for the last, `all` for each."),
  paused: z.boolean().describe("A paused schedule does not fire, and what it misses is not made up for."),
};

const exampleSchedule: Schedule = {
  name: "nightly-export",
  cron: "30 2 * * *",
  timeZone: "Europe/Berlin",
  type: "data-export",
  input: { dataset: "contacts" },
  queue: null,
  priority: 0,
  labels: {},
  overlap: "skip",
  missed: "one",
  paused: false,
  nextAt: "2025-11-22T01:30:00.000Z",
  upcoming: ["2025-11-22T01:30:00.000Z", "2025-11-23T01:30:00.000Z"],
  last: {
    fireAt: "2025-11-21T01:30:00.000Z",
    at: "2025-11-21T01:30:00.004Z",
    outcome: "fired",
    jobId: EXAMPLE_JOB_ID,
    message: null,
  },
  createdAt: "2025-11-20T09:00:00.000Z",
  updatedAt: "2025-11-20T09:00:00.000Z",
};

export const listSchedules = operation({
  id: "listSchedules",
  scope: "read",
  method: "GET",
  path: "/api/v1/schedules",
  tag: "Schedules",
  summary: "List schedules",
  description: "All, by name, with their next firings.",
  replies: {
    200: { description: "The schedules.", schema: scheduleListSchema, example: { items: [exampleSchedule] } },
  },
  errors: [],
});

export const createSchedule = operation({
  id: "createSchedule",
  scope: "admin",
  method: "POST",
  path: "/api/v1/schedules",
  tag: "Schedules",
  summary: "Make a schedule",
  description: "Submits a job of `type` with `input` at each time of the cron expression, once, whatever dies when.",
  body: z.strictObject({
    name,
    cron,
    timeZone: timeZone.optional(),
    type: typeName(),
    input: json(),
    queue: shape.queue.optional(),
    priority: shape.priority.optional(),
    labels: shape.labels.optional(),
    overlap: shape.overlap.optional(),
    missed: shape.missed.optional(),
    paused: shape.paused.optional(),
  }),
  bodyExample: {
    name: "nightly-export",
    cron: "30 2 * * *",
    timeZone: "Europe/Berlin",
    type: "data-export",
    input: { dataset: "contacts" },
  },
  replies: { 201: { description: "Stored.", schema: scheduleSchema, example: exampleSchedule } },
  errors: ["name_taken", "unknown_job_type", "invalid_input", "storage_full"],
});

const params = z.strictObject({ name: z.string().describe("The schedule's name.") });

export const getSchedule = operation({
  id: "getSchedule",
  scope: "read",
  method: "GET",
  path: "/api/v1/schedules/{name}",
  tag: "Schedules",
  summary: "Get a schedule",
  description: "One, with its next firings.",
  params,
  replies: { 200: { description: "The schedule.", schema: scheduleSchema, example: exampleSchedule } },
  errors: ["not_found"],
});

export const editSchedule = operation({
  id: "editSchedule",
  scope: "admin",
  method: "PATCH",
  path: "/api/v1/schedules/{name}",
  tag: "Schedules",
  summary: "Change a schedule",
  description: "What is left out stays as it is. Jobs that it submitted are not touched.",
  params,
  body: z
    .strictObject({
      cron: cron.optional(),
      timeZone: timeZone.optional(),
      type: typeName().optional(),
      input: json().optional(),
      queue: shape.queue.nullable().optional(),
      priority: shape.priority.optional(),
      labels: shape.labels.optional(),
      overlap: shape.overlap.optional(),
      missed: shape.missed.optional(),
      paused: shape.paused.optional(),
    })
    .refine((edit) => Object.keys(edit).length > 0, "names nothing to change"),
  bodyExample: { paused: true },
  replies: { 200: { description: "The schedule as it is now.", schema: scheduleSchema, example: exampleSchedule } },
  errors: ["not_found", "unknown_job_type", "invalid_input", "changed_meanwhile", "storage_full"],
});

export const removeSchedule = operation({
  id: "removeSchedule",
  scope: "admin",
  method: "DELETE",
  path: "/api/v1/schedules/{name}",
  tag: "Schedules",
  summary: "Delete a schedule",
  description: "Its jobs stay.",
  params,
  replies: { 204: { description: "Deleted." } },
  errors: ["not_found", "storage_full"],
});
