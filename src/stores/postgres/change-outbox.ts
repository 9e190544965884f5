// Which changes other processes are told of, so that a busy process does not drown them. What a job has become is told at
// once; that it got on, or logged, now and then; and instead of very many changes, that there were some.
// Invariant: whatever is not told is covered by a `resync` that is.
import type { JobChange, Notice } from "../../ports/notifier.ts";

export interface ChangeOutbox {
  changed(jobs: readonly JobChange[]): void;
  logged(jobIds: readonly string[]): void;
  /** What was told may not have been heard. */
  missed(): void;
  /** What is to be told at `now`, on a clock that never goes back; all that there is when `atLast`. */
  take(now: number, atLast?: boolean): readonly Notice[];
  /** When there is something to tell, `null` for never. */
  readonly dueAt: number | null;
}

/** A job that only gets on is told of this often. */
const WINDOW_MS = 250;
/** Jobs told of in that time, at most. */
const WINDOW_CHANGES = 300;
const RESYNC_EVERY_MS = 1_000;

const LOGGED = "logged";
const becomes = ({ state, phase, removed }: JobChange): string => (removed ? "removed" : `${state} ${phase}`);

export function createChangeOutbox(): ChangeOutbox {
  /** What each job was last told to be, in this window; its log lines by themselves. */
  const told = new Map<string, string>();
  const now: Waiting = { changes: new Map(), logs: new Set() };
  const later: Waiting = { changes: new Map(), logs: new Set() };
  let windowEndsAt = 0;
  let resyncDue = false;
  let resyncedAt = Number.NEGATIVE_INFINITY;

  function limit(): void {
    if (told.size + sizeOf(now) + sizeOf(later) > WINDOW_CHANGES) miss();
  }

  function miss(): void {
    resyncDue = true;
    clear(now);
    clear(later);
  }

  function openWindow(at: number): void {
    windowEndsAt = at + WINDOW_MS;
    told.clear();
    for (const [id, change] of later.changes) now.changes.set(id, change);
    for (const id of later.logs) now.logs.add(id);
    clear(later);
  }

  return {
    changed(jobs) {
      if (resyncDue) return;
      for (const job of jobs) {
        const isNews = told.get(job.id) !== becomes(job);
        later.changes.delete(job.id);
        (isNews ? now : later).changes.set(job.id, job);
      }
      limit();
    },
    logged(jobIds) {
      if (resyncDue) return;
      for (const id of jobIds) (told.has(`${LOGGED} ${id}`) ? later : now).logs.add(id);
      limit();
    },
    missed: miss,
    take(at, atLast = false) {
      if (atLast || at >= windowEndsAt) openWindow(at);
      if (resyncDue) {
        if (!atLast && at < resyncedAt + RESYNC_EVERY_MS) return [];
        resyncDue = false;
        resyncedAt = at;
        return [{ kind: "resync" }];
      }
      for (const job of now.changes.values()) told.set(job.id, becomes(job));
      for (const id of now.logs) told.set(`${LOGGED} ${id}`, LOGGED);
      const notices = noticesOf(now);
      clear(now);
      return notices;
    },
    get dueAt() {
      if (resyncDue) return resyncedAt + RESYNC_EVERY_MS;
      if (sizeOf(now) > 0) return Number.NEGATIVE_INFINITY;
      return sizeOf(later) > 0 ? windowEndsAt : null;
    },
  };
}

interface Waiting {
  readonly changes: Map<string, JobChange>;
  readonly logs: Set<string>;
}

const sizeOf = ({ changes, logs }: Waiting): number => changes.size + logs.size;

function clear({ changes, logs }: Waiting): void {
  changes.clear();
  logs.clear();
}

function noticesOf({ changes, logs }: Waiting): readonly Notice[] {
  const notices: Notice[] = [];
  if (changes.size > 0) notices.push({ kind: "changed", jobs: [...changes.values()] });
  if (logs.size > 0) notices.push({ kind: "logged", jobIds: [...logs] });
  return notices;
}
