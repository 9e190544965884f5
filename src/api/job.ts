// A job as replies show it. The types are the domain's own; a schema that leaves one of its properties out does not compile.
import { z } from "zod";
import type { Artifact, Job, JobSummary } from "../domain/job.ts";
import type { Page } from "../domain/job-control.ts";
import { ACTIONS, PHASES, STATES } from "../domain/lifecycle.ts";
import { json, time } from "./fields.ts";

const progress = z
  .object({
    done: z.number(),
    total: z.number().nullable(),
    unit: z.string().nullable(),
    message: z.string().nullable(),
    ratePerSecond: z.number().nullable().describe("Measured while it runs; `null` before there is enough to measure."),
    etaMs: z.number().nullable().describe("Milliseconds of running that are still needed at the present rate."),
  })
  .describe("How far the job is. Never ahead of what is committed once the job has stopped.");

const control = z
  .object({
    action: z.enum(ACTIONS),
    actor: z.string(),
    reason: z.string().nullable(),
    requestedAt: time(),
    reachedAt: time().nullable().describe("`null` while it is awaited."),
    rollback: z.boolean(),
    force: z.boolean(),
  })
  .describe("The last thing that was asked of the job.");

export const artifactSchema: z.ZodType<Artifact> = z.object({
  name: z.string(),
  size: z.number().describe("Bytes."),
  sha256: z.string().describe("Lower-case hex."),
  mediaType: z.string(),
});

const summaryShape = {
  id: z.string().describe("UUIDv7."),
  type: z.string(),
  key: z.string().nullable().describe("The caller's own handle, unique among unfinished jobs."),
  queue: z.string(),
  priority: z.number().describe("Higher is claimed first."),
  labels: z.record(z.string(), z.string()),
  state: z.enum(STATES),
  phase: z.enum(PHASES).describe("`rollback` while the job undoes what it did."),
  progress,
  attempt: z.number(),
  maxAttempts: z.number(),
  crashCount: z.number().describe("Crashes without checkpoint progress in between."),
  timeoutMs: z.number().nullable().describe("How long an attempt may take, in ms; `null`: as the job type says."),
  concurrencyKey: z.string().nullable().describe("Jobs of the type with the same key share a limit."),
  control: control.nullable(),
  allowedActions: z.array(z.enum(ACTIONS)).describe("What would change this job now."),
  abandoned: z.boolean().describe("The job's code ignores the request to stop, and still runs."),
  stalled: z.boolean().describe("The attempt has made no checkpoint for longer than its job type allows."),
  worker: z.string().nullable(),
  createdAt: time(),
  availableAt: time().describe("Not started before this time."),
  startedAt: time().nullable(),
  finishedAt: time().nullable(),
  runningMs: z.number().describe("Time that it ran; paused and waiting time is excluded."),
  checkpoint: z.object({ seq: z.number(), savedAt: time().nullable() }),
};

export const jobSummarySchema: z.ZodType<JobSummary> = z.object({
  ...summaryShape,
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export const jobSchema: z.ZodType<Job> = z.object({
  ...summaryShape,
  input: json(),
  output: json(),
  error: z
    .object({ code: z.string(), message: z.string(), at: time(), attempt: z.number(), details: json() })
    .nullable()
    .describe("Why the last attempt failed."),
  artifacts: z.array(artifactSchema),
});

export const jobPageSchema: z.ZodType<Page<JobSummary>> = z.object({
  items: z.array(jobSummarySchema),
  nextCursor: z.string().nullable().describe("Pass it as `cursor` to go on; `null` at the end."),
});

export const artifactListSchema: z.ZodType<{ readonly items: readonly Artifact[] }> = z.object({
  items: z.array(artifactSchema),
});

export const jobListSchema: z.ZodType<{ readonly jobs: readonly Job[] }> = z.object({ jobs: z.array(jobSchema) });
