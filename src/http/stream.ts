// Live streams. The hub hears of every change, and at most every 250 ms reads what changed and tells it to those who follow.
// What a reader does not take in time is merged with what comes later; nothing is kept per reader but a position.
import type { FastifyReply } from "fastify";
import { jobNotFound, PawlError } from "../domain/errors.ts";
import type { JobFilter } from "../domain/job-control.ts";
import type { Manager } from "../engine/manager.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Notice } from "../ports/notifier.ts";
import { createAllFollower } from "./all-follower.ts";
import { createChangeRing, type Slice } from "./change-ring.ts";
import { openEventSink } from "./event-sink.ts";
import { type Follower, type FreshJob, toFreshJob } from "./follower.ts";
import { createJobFollower, type JobFollower } from "./job-follower.ts";

export interface StreamHubOptions {
  readonly manager: Pick<Manager, "subscribe" | "summaries" | "logs">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bootId: string;
  readonly maxStreams: number;
}

export interface JobStreamStart {
  readonly after: number;
  readonly lastEventId: string | undefined;
}

export interface StreamHub {
  /** Follows all jobs that match. Throws `too_many_streams`. */
  followAll(reply: FastifyReply, filter: JobFilter, lastEventId: string | undefined): void;
  /** Follows one job and its log. Rejects with `job_not_found` and `too_many_streams`. */
  followJob(reply: FastifyReply, jobId: string, start: JobStreamStart): Promise<void>;
  /** Ends all streams. May come twice. */
  close(): void;
}

const FRAME_EVERY_MS = 250;
/** After a round that failed: the store is probably away. */
const RETRY_AFTER_MS = 1_000;
const COMMENT_EVERY_MS = 15_000;
/** Changes that are remembered for readers who come back. */
const RING_SIZE = 16_384;
/** Jobs read at once. */
const READ_MAX = 500;

export function createStreamHub({ manager, clock, logger, bootId, maxStreams }: StreamHubOptions): StreamHub {
  const ring = createChangeRing(RING_SIZE);
  const followers = new Set<Follower>();
  const byJob = new Map<string, Set<JobFollower>>();
  let nextRoundAt = 0;
  let round: "idle" | "waiting" | "running" = "idle";
  let commenting = false;
  const unsubscribe = manager.subscribe(hear);

  function hear(notice: Notice): void {
    if (notice.kind === "changed") {
      for (const change of notice.jobs) {
        ring.push(change);
        for (const follower of byJob.get(change.id) ?? []) follower.hearChange();
      }
    } else if (notice.kind === "logged") {
      for (const id of notice.jobIds) for (const follower of byJob.get(id) ?? []) follower.hearLog();
    } else if (notice.kind === "resync") {
      ring.forget();
      for (const group of byJob.values()) for (const follower of group) hearAll(follower);
    } else return;
    schedule();
  }

  function schedule(): void {
    if (round !== "idle" || followers.size === 0) return;
    round = "waiting";
    clock.after(Math.max(0, nextRoundAt - clock.monotonic()), () => void tellAll());
  }

  async function tellAll(): Promise<void> {
    round = "running";
    nextRoundAt = clock.monotonic() + FRAME_EVERY_MS;
    try {
      await tellRound([...followers].filter(isWaiting));
    } catch (error) {
      nextRoundAt = clock.monotonic() + RETRY_AFTER_MS;
      logger.warn({ err: error }, "Live streams could not be brought up to date. Trying again.");
    }
    round = "idle";
    if ([...followers].some(isWaiting)) schedule();
  }

  async function tellRound(waiting: readonly Follower[]): Promise<void> {
    const slices = new Map<string, Slice | null>();
    const ids = new Set(waiting.flatMap((follower) => [...follower.prepare(slices)]));
    const fresh = await read([...ids]);
    for (const follower of waiting) if (follower.sink.ready) await follower.tell(fresh);
  }

  async function read(ids: readonly string[]): Promise<ReadonlyMap<string, FreshJob>> {
    const fresh = new Map<string, FreshJob>();
    for (let start = 0; start < ids.length; start += READ_MAX) {
      const summaries = await manager.summaries(ids.slice(start, start + READ_MAX));
      for (const summary of summaries) fresh.set(summary.id, toFreshJob(summary));
    }
    return fresh;
  }

  function comment(): void {
    commenting = false;
    for (const follower of followers) follower.sink.comment();
    keepCommenting();
  }

  function keepCommenting(): void {
    if (commenting || followers.size === 0) return;
    commenting = true;
    clock.after(COMMENT_EVERY_MS, comment);
  }

  function refuseTooMany(): void {
    if (followers.size < maxStreams) return;
    throw new PawlError("too_many_streams", `${maxStreams} live streams are open, the limit. Close one, or poll.`);
  }

  function add(follower: Follower): void {
    followers.add(follower);
    follower.sink.onDrain(schedule);
    follower.sink.onClose(() => followers.delete(follower));
    schedule();
    keepCommenting();
  }

  return {
    followAll(reply, filter, lastEventId) {
      refuseTooMany();
      add(createAllFollower({ sink: openEventSink(reply), ring, bootId, filter, lastEventId }));
    },
    async followJob(reply, jobId, start) {
      const [job] = await manager.summaries([jobId]);
      if (!job) throw jobNotFound(jobId);
      refuseTooMany();
      if (reply.raw.destroyed) return;
      const follower = createJobFollower({ sink: openEventSink(reply), ring, bootId, manager, jobId, ...start });
      const group = byJob.get(jobId) ?? new Set();
      byJob.set(jobId, group.add(follower));
      add(follower);
      follower.sink.onClose(() => {
        group.delete(follower);
        if (group.size === 0 && byJob.get(jobId) === group) byJob.delete(jobId);
      });
    },
    close() {
      unsubscribe();
      for (const follower of followers) follower.sink.end();
      followers.clear();
    },
  };
}

const isWaiting = (follower: Follower) => follower.pending && follower.sink.ready;

function hearAll(follower: JobFollower): void {
  follower.hearChange();
  follower.hearLog();
}
