// Collects the lines that jobs log and writes them in batches. A job that floods its log loses lines, and is told how many;
// it neither slows the server down nor fills the store.
import { LOG_LEVELS, type LogLevel } from "../domain/history.ts";
import type { Json } from "../domain/job.ts";
import type { Scrubber } from "../domain/secrets.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { LeaseRef, LogStore, LogWrite } from "../ports/store.ts";
import type { JobLog } from "./job-context.ts";

export interface JobLogs {
  /** The log of one attempt; the secrets of its job are taken out of every line. */
  of(lease: LeaseRef, scrubber: Scrubber): JobLog;
  /** Resolves when every line of this job that was logged so far is durable or dropped. */
  flush(jobId: string): Promise<void>;
}

export interface JobLogsOptions {
  readonly store: Pick<LogStore, "appendLogs">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Lines that a job keeps. */
const KEEP_LINES = 10_000;
/** Lines that one job may have unstored: waiting, or being written. */
const UNSTORED_LINES = 1_000;
/** Characters of a line's message, and of its fields as JSON. */
const LINE_LENGTH = 8_192;
const WRITE_EVERY_MS = 100;

/** The lines of a job that are not in the store. */
interface Backlog {
  /** Of the newest. */
  lease: LeaseRef;
  unstored: number;
  /** Not told yet. */
  dropped: number;
}

export function createJobLogs({ store, clock, logger }: JobLogsOptions): JobLogs {
  let waiting: LogWrite[] = [];
  /** By job. */
  const backlogs = new Map<string, Backlog>();
  let timer: (() => void) | null = null;
  let writing: Promise<void> | null = null;

  const append = (lease: LeaseRef, level: LogLevel, line: () => LineText) => {
    const backlog = backlogs.get(lease.id) ?? { lease, unstored: 0, dropped: 0 };
    backlog.lease = lease;
    if (backlog.unstored >= UNSTORED_LINES) {
      backlog.dropped += 1;
      return;
    }
    waiting.push({ ...lease, at: clock.now(), level, ...line() });
    backlog.unstored += 1;
    backlogs.set(lease.id, backlog);
    schedule();
  };

  const schedule = () => {
    timer ??= clock.after(WRITE_EVERY_MS, write);
  };

  /** One write at a time: what comes while the store is slow waits for the next, and is bounded. */
  const write = (): Promise<void> => {
    timer?.();
    timer = null;
    writing ??= writeWaiting().finally(() => {
      writing = null;
      if (waiting.length > 0) schedule();
    });
    return writing;
  };

  const writeWaiting = async () => {
    const lines = waiting;
    waiting = [];
    const notes = takeNotes();
    const isStored = await keepLines([...lines, ...notes.map((note) => noteOf(note, clock.now()))]);
    for (const { id } of lines) settle(id, { unstored: -1, dropped: isStored ? 0 : 1 });
    for (const { lease, dropped } of notes) settle(lease.id, { unstored: 0, dropped: isStored ? 0 : dropped });
  };

  const takeNotes = (): readonly Note[] => {
    const losers = [...backlogs.values()].filter(({ dropped }) => dropped > 0);
    return losers.map((backlog) => {
      const note = { lease: backlog.lease, dropped: backlog.dropped };
      backlog.dropped = 0;
      return note;
    });
  };

  const settle = (jobId: string, change: { readonly unstored: number; readonly dropped: number }) => {
    const backlog = backlogs.get(jobId);
    if (!backlog) return;
    backlog.unstored += change.unstored;
    backlog.dropped += change.dropped;
    if (backlog.unstored === 0 && backlog.dropped === 0) backlogs.delete(jobId);
  };

  const keepLines = async (lines: readonly LogWrite[]): Promise<boolean> => {
    try {
      if (lines.length > 0) await store.appendLogs(lines, { keep: KEEP_LINES });
      return true;
    } catch (error) {
      logger.error({ err: error }, "Lines of job logs could not be stored.");
      return false;
    }
  };

  return {
    of(lease, scrubber) {
      const entries = LOG_LEVELS.map((level) => [
        level,
        (message: string, fields: Json = null) => append(lease, level, () => lineOf(message, fields, scrubber)),
      ]);
      return Object.fromEntries(entries) as JobLog;
    },
    async flush(jobId) {
      if (!backlogs.has(jobId)) return;
      await writing;
      // Whoever began this one, it has what waited.
      await write();
      // Nobody asks again: what could not be told until now is not kept for ever.
      if (backlogs.get(jobId)?.unstored === 0) backlogs.delete(jobId);
    },
  };
}

type LineText = Pick<LogWrite, "message" | "fields">;
type Note = Pick<Backlog, "lease" | "dropped">;

/** A line as it is stored. Secrets go before it is cut: a part of one would not be found. */
function lineOf(message: string, fields: Json, scrubber: Scrubber): LineText {
  const text = scrubber.text(String(message));
  const cut = text.length > LINE_LENGTH ? `${text.slice(0, LINE_LENGTH)}… (cut)` : text;
  return { message: cut, fields: storable(fields, scrubber) };
}

/** Fields as they can be stored: what is no JSON, or too much of it, must not take other lines with it. */
function storable(fields: Json, scrubber: Scrubber): Json {
  if (fields === null) return null;
  try {
    const plain = scrubber.json(JSON.parse(JSON.stringify(fields)));
    const text = JSON.stringify(plain);
    return text.length > LINE_LENGTH ? { cut: `${text.slice(0, LINE_LENGTH)}…` } : plain;
  } catch {
    return { cut: "These fields are no JSON." };
  }
}

/** The line that tells a job's lost lines. */
const noteOf = ({ lease, dropped }: Note, at: number): LogWrite => ({
  ...lease,
  at,
  level: "warn",
  message: `${dropped} lines were dropped: the job logs faster than lines can be kept.`,
  fields: null,
});
