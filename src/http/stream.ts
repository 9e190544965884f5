// Live streams. The hub hears of every change and sees to it that those who follow are told, in rounds.
// What a reader does not take in time is merged with what comes later; nothing is kept per reader but a position.
import type { FastifyReply } from "fastify";
import { jobNotFound, PawlError } from "../domain/errors.ts";
import type { JobFilter } from "../domain/job-control.ts";
import type { Manager } from "../engine/manager.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Notice } from "../ports/notifier.ts";
import { createAllFollower } from "./all-follower.ts";
import { createChangeRing } from "./change-ring.ts";
import { openEventSink } from "./event-sink.ts";
import type { Follower } from "./follower.ts";
import { createJobFollower, type JobFollower } from "./job-follower.ts";
import { createStreamRounds } from "./stream-rounds.ts";

export interface StreamHubOptions {
  readonly manager: Pick<Manager, "subscribe" | "summaries" | "logs">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bootId: string;
  readonly maxStreams: number;
}

interface JobStreamStart {
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

const COMMENT_EVERY_MS = 15_000;
/** Changes that are remembered for readers who come back. */
const RING_SIZE = 16_384;

export function createStreamHub({ manager, clock, logger, bootId, maxStreams }: StreamHubOptions): StreamHub {
  const ring = createChangeRing(RING_SIZE);
  const followers = new Set<Follower>();
  const byJob = new Map<string, Set<JobFollower>>();
  const { schedule } = createStreamRounds({ manager, clock, logger, followers });
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

function hearAll(follower: JobFollower): void {
  follower.hearChange();
  follower.hearLog();
}
