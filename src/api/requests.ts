// What callers send: a job to run, a filter, a control request. Whatever is not named here is refused.
import { z } from "zod";
import { STATES } from "../domain/lifecycle.ts";
import { LIMITS } from "../domain/limits.ts";
import {
  jobKey,
  json,
  labelFilter,
  labels,
  queryFlag,
  queryInteger,
  queryList,
  queueName,
  reason,
  requestId,
  typeName,
} from "./fields.ts";

/** The largest `input`, in bytes of JSON. */
export const INPUT_MAX_BYTES = 256 * 1024;
/** The largest JSON body, in bytes. */
export const JSON_MAX_BYTES = 1024 * 1024;
/** How deep objects and arrays of a JSON body may lie in each other. */
export const JSON_MAX_DEPTH = 32;

export const submitBody = z.strictObject({
  type: typeName().describe("What to run: a name of `GET /api/v1/job-types`."),
  input: json().describe("What the job type's schema asks for. At most 256 KiB."),
  queue: queueName().optional().describe("Default `default`."),
  priority: z
    .int()
    .min(-LIMITS.priority)
    .max(LIMITS.priority)
    .optional()
    .describe("Higher is claimed first. Default 0."),
  availableAt: z.iso.datetime({ offset: true }).optional().describe("Not started before this time. Default: now."),
  maxAttempts: z.int().min(1).max(LIMITS.maxAttempts).optional().describe("Default: what the job type says."),
  key: jobKey().optional(),
  labels: labels().optional(),
});

const filter = {
  state: queryList(z.enum(STATES)).optional().describe("Any of these states."),
  type: queryList(typeName()).optional().describe("Any of these job types."),
  queue: queryList(queueName()).optional().describe("Any of these queues."),
  key: jobKey().optional(),
  label: labelFilter().optional(),
  q: z.string().min(1).max(200).optional().describe("Prefix of the id or of the key."),
};

export const filterQuery = z.strictObject(filter);

export const listQuery = z.strictObject({
  ...filter,
  order: z.enum(["newest", "oldest"]).optional().describe("Default `newest` first."),
  limit: queryInteger(1, 200).optional().describe("At most this many. Default 50."),
  cursor: z
    .string()
    .regex(/^[0-9a-f-]{36}$/, "is not a cursor of this list")
    .optional()
    .describe("`nextCursor` of the page before."),
});

export const removeQuery = z.strictObject({
  force: queryFlag().optional().describe("Needed for a `rollback_failed` job."),
});

const control = { reason: reason().optional(), requestId: requestId().optional() };

export const controlBody = z.strictObject(control).optional();

export const stopBody = z
  .strictObject({
    ...control,
    rollback: z.boolean().optional().describe("Whether to undo what was done. Default: what the job type can do."),
  })
  .optional();

export const retryBody = z
  .strictObject({
    ...control,
    from: z.enum(["checkpoint", "start"]).optional().describe("Default `checkpoint`."),
  })
  .optional();
