// Live events of one job or of all, as async iterables over any number of connections. A job that did not change meanwhile
// is not told again, and the end of a job comes after the last line of its log.
import type { JobsFrame, LogFrame } from "../api/stream-operations.ts";
import { PawlError } from "../domain/errors.ts";
import type { LogLine } from "../domain/history.ts";
import type { JobSummary } from "../domain/job.ts";
import type { JobFilter } from "../domain/job-control.ts";
import { isFinal } from "../domain/lifecycle.ts";
import { framesOf, type ReconnectServices, type StreamOptions } from "./reconnect.ts";
import { type Records, toLogLine } from "./records.ts";
import { ROUTES } from "./routes.ts";
import { outgoingOf } from "./send.ts";

/** Of one job. Log lines come before the state that they led to. */
export type JobEvent =
  | { readonly kind: "job"; readonly job: JobSummary }
  | { readonly kind: "log"; readonly lines: readonly LogLine[] }
  /** The job was deleted. The last event. */
  | { readonly kind: "removed" };

/** Of all jobs that match a filter. */
export type JobsEvent =
  /** `removed`: ids of jobs that were deleted, or do not match any more. */
  | { readonly kind: "jobs"; readonly items: readonly JobSummary[]; readonly removed: readonly string[] }
  /** Changes may have been missed: read again what you show. The first event is always one: read then. */
  | { readonly kind: "resync" };

export interface FollowOptions extends StreamOptions {
  /** Only log lines with a greater `seq`. Default 0: the whole log. */
  readonly after?: number;
  /** `final`, the default: ends with the job's final state. `removed`: a final job is followed too, as it may be retried. */
  readonly until?: "final" | "removed";
}

export interface Follow {
  /**
   * The job as it is, the log after `after`, and whatever comes, over any number of connections. Throws `job_not_found`,
   * `unauthenticated` and `forbidden`, and the signal's reason.
   *
   * @example
   * for await (const event of client.follow(job.id)) {
   *   if (event.kind === "log") for (const line of event.lines) console.log(line.message);
   *   if (event.kind === "job") console.log(event.job.state, event.job.progress.done);
   * }
   */
  follow(id: string, options?: FollowOptions): AsyncIterable<JobEvent>;
  /**
   * What changes among the jobs that match. Ends only by its signal, or by leaving the loop. Throws `unauthenticated`,
   * `forbidden`, `invalid_request` for a wrong filter, and the signal's reason.
   *
   * @example
   * for await (const event of client.followAll({ state: ["failed"] })) {
   *   if (event.kind === "jobs") for (const job of event.items) console.log(job.id, job.error?.message);
   *   else console.log(await client.list({ state: ["failed"] }));
   * }
   */
  followAll(filter?: JobFilter, options?: StreamOptions): AsyncIterable<JobsEvent>;
  /** The log of one job, line by line, to its end. Throws as `follow` does. */
  followLog(id: string, options?: FollowOptions): AsyncIterable<LogLine>;
}

export interface FollowServices extends ReconnectServices {
  readonly logs: Records["logs"];
}

const STREAM = { accept: "text/event-stream" };

export function createFollow(services: FollowServices): Follow {
  const follow = (id: string, options: FollowOptions = {}) => followJob(services, id, options);
  return {
    follow,
    followAll: (filter = {}, options = {}) => followAll(services, filter, options),
    async *followLog(id, options) {
      for await (const event of follow(id, options)) if (event.kind === "log") yield* event.lines;
    },
  };
}

async function* followAll(
  services: FollowServices,
  filter: JobFilter,
  options: StreamOptions,
): AsyncGenerator<JobsEvent, void> {
  const outgoing = outgoingOf(ROUTES.streamEvents, { query: filter, headers: STREAM });
  for await (const { event, data } of framesOf(services, outgoing, options)) {
    if (event === "resync") yield { kind: "resync" };
    if (event === "jobs") {
      const { items, removed }: JobsFrame = JSON.parse(data);
      yield { kind: "jobs", items, removed };
    }
  }
}

async function* followJob(
  services: FollowServices,
  id: string,
  { after = 0, until = "final", ...options }: FollowOptions,
): AsyncGenerator<JobEvent, void> {
  const outgoing = outgoingOf(ROUTES.streamJob, { params: { id }, query: { after }, headers: STREAM });
  let lastSeq = after;
  let lastJob = "";
  try {
    // `resync` asks for nothing here: the job as it is and the log that is missing come after it.
    for await (const { event, data } of framesOf(services, outgoing, options)) {
      if (event === "log") {
        const { items }: LogFrame = JSON.parse(data);
        lastSeq = items.at(-1)?.seq ?? lastSeq;
        yield { kind: "log", lines: items.map(toLogLine) };
      }
      if (event !== "jobs" || data === lastJob) continue;
      lastJob = data;
      const { items }: JobsFrame = JSON.parse(data);
      const [job] = items;
      if (!job) return yield { kind: "removed" };
      const ends = until === "final" && isFinal(job.state);
      if (ends) yield* restOfLog();
      yield { kind: "job", job };
      if (ends) return;
    }
  } catch (error) {
    const gone = error instanceof PawlError && error.code === "job_not_found" && lastJob !== "";
    if (!gone) throw error;
    yield { kind: "removed" };
  }

  /** A reader that was slow is told of the end before the last lines. */
  async function* restOfLog(): AsyncGenerator<JobEvent, void> {
    for (;;) {
      const lines = await services.logs(id, { after: lastSeq }, { signal: options.signal });
      if (lines.length === 0) return;
      lastSeq = lines.at(-1)?.seq ?? lastSeq;
      yield { kind: "log", lines };
    }
  }
}
