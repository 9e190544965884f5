// Live streams. The hub hears of every change and sees to it that those who follow are told, in rounds.
// What a reader does not take in time is merged with what comes later; nothing is kept per reader but a position. Who may
// not look any more is not shown any more.
import type { FastifyReply } from "fastify";
import { jobNotFound } from "../domain/errors.ts";
import type { JobFilter } from "../domain/job-control.ts";
import type { Manager } from "../engine/manager.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Notice } from "../ports/notifier.ts";
import type { Gate } from "./access/gate.ts";
import { createAllFollower } from "./all-follower.ts";
import { createChangeRing } from "./change-ring.ts";
import { type EventSink, openEventSink } from "./event-sink.ts";
import type { Follower } from "./follower.ts";
import { createJobFollower, type JobFollower } from "./job-follower.ts";

import { createPlaces } from "./places.ts";
import { createStreamRounds } from "./stream-rounds.ts";

export interface StreamHubOptions {
  readonly manager: Pick<Manager, "subscribe" | "summaries" | "logs">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bootId: string;
  readonly gate: Pick<Gate, "watch">;
  readonly maxStreams: number;
  readonly maxStreamsPerPeer: number;
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

export function createStreamHub(options: StreamHubOptions): StreamHub {
  const { manager, clock, logger, bootId, gate } = options;
  const ring = createChangeRing(RING_SIZE);
  const followers = new Set<Follower>();
  const places = createPlaces({ what: "live streams", max: options.maxStreams, maxPerPeer: options.maxStreamsPerPeer });
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

  function open(reply: FastifyReply): EventSink {
    const { request } = reply;
    const leave = places.take(request);
    const sink = openEventSink(reply);
    sink.onClose(leave);
    sink.onClose(gate.watch(request.caller, sink.end));
    return sink;
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
      if (reply.raw.destroyed) return;
      add(createAllFollower({ sink: open(reply), ring, bootId, filter, lastEventId }));
    },
    async followJob(reply, jobId, start) {
      const [job] = await manager.summaries([jobId]);
      if (!job) throw jobNotFound(jobId);
      if (reply.raw.destroyed) return;
      const follower = createJobFollower({ sink: open(reply), ring, bootId, manager, jobId, ...start });
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
