// Which summary of a job is the newest. Answers may come after news of the live stream that they do not know of yet: what the
// stream has told since they were asked for is not taken back by them.
import type { JobSummary } from "../../src/client/index.ts";

/** Jobs that nobody shows are forgotten beyond this number, the oldest seen first. */
const KEPT = 20_000;

interface Watchers {
  readonly isShown: (id: string) => boolean;
  /** Hears of each job that got another summary. */
  readonly onChange: (id: string) => void;
}

export interface NewestJobs {
  /** `null` when it was deleted, `undefined` when it was never seen. */
  get(id: string): JobSummary | null | undefined;
  /** What the stream tells; or what was read, with the moment at which it was asked for. */
  put(items: readonly JobSummary[], askedAt?: number): void;
  /** These were deleted. */
  drop(ids: readonly string[]): void;
}

/** To be taken before a read is sent. */
export const moment = (): number => performance.now();

export function createNewestJobs({ isShown, onChange }: Watchers): NewestJobs {
  const jobs = new Map<string, JobSummary | null>();
  /** When the stream last told of a job. */
  const heardAt = new Map<string, number>();

  const set = (id: string, job: JobSummary | null) => {
    jobs.delete(id);
    jobs.set(id, job);
    onChange(id);
  };
  const forget = () => {
    for (const id of jobs.keys()) {
      if (jobs.size <= KEPT) return;
      if (isShown(id)) continue;
      jobs.delete(id);
      heardAt.delete(id);
    }
  };

  return {
    get: (id) => jobs.get(id),
    put(items, askedAt) {
      for (const job of items) {
        if (askedAt === undefined) heardAt.set(job.id, moment());
        else if ((heardAt.get(job.id) ?? 0) > askedAt) continue;
        set(job.id, job);
      }
      forget();
    },
    drop(ids) {
      for (const id of ids) {
        if (!jobs.has(id)) continue;
        heardAt.set(id, moment());
        set(id, null);
      }
    },
  };
}
