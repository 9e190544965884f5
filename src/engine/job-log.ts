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
/** Lines that one job may have waiting between two writes. */
const WAITING_LINES = 1_000;
/** Characters of a line's message, and of its fields as JSON. */
const LINE_LENGTH = 8_192;
const WRITE_EVERY_MS = 100;

export function createJobLogs({ store, clock, logger }: JobLogsOptions): JobLogs {
  let waiting: LogWrite[] = [];
  let counts: Counts = new Map();
  /** Lines per job that are neither durable nor dropped. */
  const unstored = new Map<string, number>();
  let timer: (() => void) | null = null;
  let writing: Promise<void> = Promise.resolve();

  const append = (lease: LeaseRef, level: LogLevel, line: () => LineText) => {
    const count = counts.get(lease.id) ?? { lines: 0, dropped: 0 };
    counts.set(lease.id, count);
    if (count.lines >= WAITING_LINES) {
      count.dropped += 1;
      return;
    }
    count.lines += 1;
    unstored.set(lease.id, (unstored.get(lease.id) ?? 0) + 1);
    waiting.push({ ...lease, at: clock.now(), level, ...line() });
    timer ??= clock.after(WRITE_EVERY_MS, write);
  };

  const write = () => {
    timer?.();
    timer = null;
    const written = counts;
    const lines = [...waiting, ...droppedNotes(waiting, written, clock.now())];
    waiting = [];
    counts = new Map();
    if (lines.length > 0) writing = writing.then(() => keepLines(lines)).then(() => settle(written));
  };

  const keepLines = async (lines: readonly LogWrite[]) => {
    try {
      await store.appendLogs(lines, { keep: KEEP_LINES });
    } catch (error) {
      logger.error({ err: error }, "Lines of job logs could not be stored.");
    }
  };

  const settle = (written: Counts) => {
    for (const [jobId, { lines }] of written) {
      const left = (unstored.get(jobId) ?? 0) - lines;
      if (left > 0) unstored.set(jobId, left);
      else unstored.delete(jobId);
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
      if (!unstored.has(jobId)) return;
      write();
      await writing;
    },
  };
}

type LineText = Pick<LogWrite, "message" | "fields">;
type Counts = Map<string, { lines: number; dropped: number }>;

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

/** One line for each job that lost lines since the last write. */
function droppedNotes(lines: readonly LogWrite[], counts: Counts, at: number): LogWrite[] {
  const notes: LogWrite[] = [];
  for (const [jobId, { dropped }] of counts) {
    const last = dropped > 0 ? lines.findLast((line) => line.id === jobId) : undefined;
    if (last)
      notes.push({
        ...last,
        at,
        level: "warn",
        message: `${dropped} lines were dropped: the job logs faster than lines can be kept.`,
        fields: null,
      });
  }
  return notes;
}
