// What callers send: a job to run, a filter, a control request. Whatever is not named here is refused.
import { z } from "zod";
import { ACTIONS, STATES } from "../domain/lifecycle.ts";
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

const dedupe = z
  .strictObject({
    key: jobKey().describe("What counts as the same, within the job type."),
    windowMs: z.int().min(1).max(LIMITS.dedupeWindowMs).describe("How long, in ms."),
    mode: z
      .enum(["once", "throttle", "debounce"])
      .describe(
        "`once`: within the window after the first submit, further ones answer its job. `throttle`: the first runs at once, " +
          "those of the rest of the window become one job at its end. `debounce`: runs when the window has passed without " +
          "a further submit. The last input counts.",
      ),
  })
  .describe("Makes several submits one job.");

const submitShape = {
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
  timeoutMs: z
    .int()
    .min(1)
    .max(LIMITS.timeoutMs)
    .optional()
    .describe("How long an attempt may take, in ms. Default: what the job type says."),
};

export const submitBody = z.strictObject({ ...submitShape, dedupe: dedupe.optional() });

/** Jobs of one batch, at most. */
export const BATCH_MAX = 1_000;

export const batchBody = z.strictObject({
  jobs: z.array(z.strictObject(submitShape)).min(1).max(BATCH_MAX).describe("Stored all, or none."),
});

export const editBody = z
  .strictObject({
    priority: submitShape.priority,
    availableAt: z.iso
      .datetime({ offset: true })
      .optional()
      .describe("Not started before this time; a time in the past runs it now."),
    input: json().optional().describe("The whole input. A secret field that is given as `[secret]` keeps its value."),
    labels: labels().optional().describe("All labels."),
    maxAttempts: submitShape.maxAttempts,
    reason: reason().optional(),
  })
  .refine((edit) => Object.keys(edit).some((name) => name !== "reason"), "names nothing to change");

const filter = {
  state: queryList(z.enum(STATES)).optional().describe("Any of these states."),
  type: queryList(typeName()).optional().describe("Any of these job types."),
  queue: queryList(queueName()).optional().describe("Any of these queues."),
  key: jobKey().optional(),
  label: labelFilter().optional(),
  q: z.string().min(1).max(LIMITS.searchLength).optional().describe("Prefix of the id or of the key."),
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

/** One of something, or several. */
const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.union([z.array(item).min(1).max(50), item.transform((value) => [value])]);

export const bulkBody = z.strictObject({
  action: z.enum(ACTIONS),
  filter: z
    .strictObject({
      state: oneOrMore(z.enum(STATES)).optional(),
      type: oneOrMore(typeName()).optional(),
      queue: oneOrMore(queueName()).optional(),
      key: jobKey().optional(),
      label: labelFilter().optional(),
      q: filter.q,
    })
    .describe("Which jobs, as in the list. It must name something."),
  reason: reason().optional(),
  dryRun: z.boolean().optional().describe("Only count what would happen."),
});

const WAIT_MAX_MS = 60_000;

export const getJobQuery = z.strictObject({
  waitMs: queryInteger(0, WAIT_MAX_MS)
    .optional()
    .describe(
      `Answer when the job is in one of the states of \`until\`, or after this long: at most ${WAIT_MAX_MS}, 30000 where only \`until\` is given.`,
    ),
  until: queryList(z.enum([...STATES, "final"]))
    .optional()
    .describe("What to wait for: states, or `final` (default) for any final state."),
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
