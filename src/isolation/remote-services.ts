// The services of an attempt, as they are in its own process: everything that lasts is asked of the process that started it.
// What it logs is gathered and bounded here already, so that a flood of lines never leaves this process.
import { createJobLogs } from "../engine/job-log.ts";
import type { RunServices } from "../engine/run-attempt.ts";
import { systemClock } from "../engine/system-clock.ts";
import type { IsolatedCalls } from "../ports/isolation.ts";
import type { Logger } from "../ports/logger.ts";
import type { Settlement } from "../ports/store.ts";
import { createRemoteFiles } from "./remote-files.ts";

/** `end` says how the attempt ended; after that, this process only waits to be ended. */
export function createRemoteServices(calls: IsolatedCalls, end: (settlement: Settlement) => void): RunServices {
  const clock = systemClock;
  const logger = createRemoteLogger(calls);
  return {
    clock,
    logger,
    random: Math.random,
    isStopped: () => false,
    fileStore: createRemoteFiles(calls),
    files: calls,
    steps: calls,
    journal: {
      append: calls.appendJournal,
      newest: calls.newestEntries,
      size: calls.journalSize,
      remove: calls.removeEntries,
    },
    logs: createJobLogs({ store: { appendLogs: calls.appendLogs }, clock, logger }),
    writeCheckpoint: calls.writeCheckpoint,
    reportProgress: (progress) => void calls.reportProgress(progress).catch(() => {}),
    settle(settlement) {
      end(settlement);
      return new Promise(() => {});
    },
  };
}

/** Only what needs a person is passed on. */
function createRemoteLogger(calls: IsolatedCalls): Logger {
  const warn = (fields: object, message: string) => {
    const problem = "err" in fields ? String(fields.err) : "";
    void calls.warn(message, problem).catch(() => {});
  };
  return { debug() {}, info() {}, warn, error: warn };
}
