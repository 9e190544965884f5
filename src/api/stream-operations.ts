// Live streams of server-sent events, and what their frames hold.
import { z } from "zod";
import { queryInteger } from "./fields.ts";
import { jobSummarySchema } from "./job.ts";
import { jobParams } from "./job-operations.ts";
import { operation } from "./operation.ts";
import { logLineSchema } from "./records.ts";
import { filterQuery } from "./requests.ts";

export const EVENT_STREAM = "text/event-stream";

/** `event: jobs`: what changed, each job once. */
export const jobsFrameSchema = z.object({
  items: z.array(jobSummarySchema).describe("Jobs that changed and match the filter."),
  removed: z.array(z.string()).describe("Ids of jobs that were deleted, or do not match the filter any more."),
});
export type JobsFrame = z.output<typeof jobsFrameSchema>;

/** `event: log`: new lines of one job. */
export const logFrameSchema = z.object({ jobId: z.string(), items: z.array(logLineSchema) });
export type LogFrame = z.output<typeof logFrameSchema>;

/** `event: resync`: changes may have been missed. */
export const resyncFrameSchema = z.object({});

const FRAMES =
  "Frames: `jobs` `{items, removed}` tells what changed, each job once, at most every 250 ms; `resync` `{}` says that changes " +
  "may have been missed: read again what you show. A comment comes every 15 s. A slow reader gets fewer, newer frames. ";

const RESUME = { "Last-Event-ID": "The `id` of the last frame received: what came after it is sent, or `resync`." };

const example = 'id: 5f0c2d-17\nevent: jobs\ndata: {"items":[],"removed":["019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f"]}\n\n';

export const streamEvents = operation({
  id: "streamEvents",
  scope: "read",
  method: "GET",
  path: "/api/v1/events/stream",
  tag: "Live",
  summary: "Follow all jobs",
  description: `${FRAMES}It begins with \`resync\`, unless \`Last-Event-ID\` can be resumed: open the stream first, then read the list. Filters as in the list; a job that leaves the filter is told in \`removed\`.`,
  query: filterQuery,
  headers: RESUME,
  replies: {
    200: { description: "Server-sent events, until either side ends them.", mediaType: EVENT_STREAM, example },
  },
  errors: ["too_many_streams"],
});

export const streamJob = operation({
  id: "streamJob",
  scope: "read",
  method: "GET",
  path: "/api/v1/jobs/{id}/stream",
  tag: "Live",
  summary: "Follow one job",
  description: `${FRAMES}\`log\` \`{jobId, items}\` brings its log lines. It begins with the job as it is and the log after \`after\`, and ends when the job is deleted.`,
  params: jobParams,
  query: z.strictObject({
    after: queryInteger(0, Number.MAX_SAFE_INTEGER)
      .optional()
      .describe("Only log lines with a greater `seq`. Default 0: the whole log."),
  }),
  headers: RESUME,
  replies: {
    200: { description: "Server-sent events, until either side ends them.", mediaType: EVENT_STREAM, example },
  },
  errors: ["job_not_found", "too_many_streams"],
});
