// Follows one job: the job as it is, its log from where the reader has it, then whatever comes. Log lines go before the
// state that they led to.
import type { Manager } from "../engine/manager.ts";
import type { ChangeRing } from "./change-ring.ts";
import { formatEventId, parseEventId } from "./event-id.ts";
import type { EventSink } from "./event-sink.ts";
import { type Follower, jobsFrame, logFrame, RESYNC_FRAME } from "./follower.ts";

const LOG_LINES_MAX = 200;

export interface JobFollowerOptions {
  readonly sink: EventSink;
  readonly ring: ChangeRing;
  readonly bootId: string;
  readonly manager: Pick<Manager, "logs">;
  readonly jobId: string;
  /** The last log line that the reader has. A resumed stream knows better. */
  readonly after: number;
  readonly lastEventId: string | undefined;
}

export interface JobFollower extends Follower {
  /** The job changed, or was deleted. */
  hearChange(): void;
  /** The job has new log lines. */
  hearLog(): void;
}

export function createJobFollower(options: JobFollowerOptions): JobFollower {
  const { sink, ring, bootId, manager, jobId } = options;
  const resumed = parseEventId(options.lastEventId);
  let logSeq = resumed?.logSeq ?? options.after;
  // Counted rather than flagged: what is heard while the job is read must be told in the next round.
  let heard = { change: 1, log: 1 };
  let told = { change: 0, log: 0 };
  let prepared = heard;

  const send = (event: string, json: string) =>
    sink.send(event, formatEventId({ bootId, position: ring.head, logSeq }), json);

  const missed = resumed && !(resumed.bootId === bootId && ring.knows(resumed.position));
  if (missed) send("resync", RESYNC_FRAME);

  async function tellLog(): Promise<boolean> {
    for (;;) {
      const lines = await manager.logs(jobId, { after: logSeq, limit: LOG_LINES_MAX });
      logSeq = lines.at(-1)?.seq ?? logSeq;
      if (lines.length > 0) send("log", logFrame(jobId, lines));
      if (lines.length < LOG_LINES_MAX) return true;
      if (!sink.ready) return false;
    }
  }

  return {
    sink,
    hearChange() {
      heard = { ...heard, change: heard.change + 1 };
    },
    hearLog() {
      heard = { ...heard, log: heard.log + 1 };
    },
    get pending() {
      return heard.change !== told.change || heard.log !== told.log;
    },
    prepare() {
      prepared = heard;
      return [jobId];
    },
    async tell(fresh) {
      const job = fresh.get(jobId);
      if (!job) {
        send("jobs", jobsFrame([], [jobId]));
        sink.end();
        return;
      }
      if (prepared.log !== told.log && (await tellLog())) told = { ...told, log: prepared.log };
      if (prepared.change !== told.change) send("jobs", jobsFrame([job.json], []));
      told = { ...told, change: prepared.change };
    },
  };
}
