// What an attempt that runs apart asks of this process, answered from the same services that an attempt in this process
// has, and only as long as it runs.
import type { FileAppender } from "../ports/file-store.ts";
import type { IsolatedCalls } from "../ports/isolation.ts";
import type { LogStore } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";
import { createPatientFiles } from "./patient-files.ts";
import type { RunServices } from "./run-attempt.ts";

/** What attempts that run apart need besides. */
export interface IsolatedServices extends RunServices {
  readonly logStore: LogStore;
}

export interface OpenCalls {
  readonly calls: IsolatedCalls;
  /** Closes the files that they opened. */
  close(): Promise<void>;
}

export function createIsolatedCalls(attempt: Attempt, services: IsolatedServices): OpenCalls {
  const { steps, journal, files } = services;
  const bytes = createByteCalls(attempt, services);
  /** What the watchdog goes by. */
  const marking = async (write: Promise<boolean>) => {
    const held = await write;
    if (held) attempt.markProgress();
    return held;
  };
  const calls: IsolatedCalls = {
    ...bytes.calls,
    writeCheckpoint: (checkpoint) => marking(services.writeCheckpoint(checkpoint)),
    reportProgress: async (progress) => services.reportProgress(progress),
    appendLogs: (lines, options) => services.logStore.appendLogs(lines, options),
    saveStep: (lease, step) => marking(steps.saveStep(lease, step)),
    steps: (id) => steps.steps(id),
    appendJournal: (lease, entries) => marking(journal.append(lease, entries)),
    newestEntries: (id, options) => journal.newest(id, options),
    journalSize: (id) => journal.size(id),
    removeEntries: (lease, seqs) => marking(journal.remove(lease, seqs)),
    insertFile: (file) => files.insertFile(file),
    insertArtifact: (lease, file) => files.insertArtifact(lease, file),
    getFiles: (ids) => files.getFiles(ids),
    warn: async (message, problem) => services.logger.warn({ job: attempt.record.id, problem }, message),
  };
  return { calls, close: bytes.close };
}

type ByteCalls = Pick<
  IsolatedCalls,
  | "newFileId"
  | "readBytes"
  | "removeBytes"
  | "openAppender"
  | "appendBytes"
  | "syncAppender"
  | "finishAppender"
  | "closeAppender"
>;

function createByteCalls(
  attempt: Attempt,
  services: RunServices,
): { readonly calls: ByteCalls; close(): Promise<void> } {
  const storedFiles = createPatientFiles(attempt, services);
  const appenders = new Map<number, FileAppender>();
  const appenderOf = (number: number): FileAppender => {
    const appender = appenders.get(number);
    if (!appender) throw new Error(`There is no open file ${number}.`);
    return appender;
  };
  return {
    calls: {
      newFileId: async () => storedFiles.newId(),
      async readBytes(id, start, length) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of storedFiles.read(id, { start, end: start + length })) chunks.push(chunk);
        return joined(chunks);
      },
      removeBytes: (ids) => storedFiles.remove(ids),
      async openAppender(id, size) {
        const appender = await storedFiles.append(id, size);
        const number = appenders.size;
        appenders.set(number, appender);
        return number;
      },
      appendBytes: async (number, chunk) => appenderOf(number).write(chunk),
      syncAppender: async (number) => appenderOf(number).sync(),
      finishAppender: async (number) => appenderOf(number).finish(),
      closeAppender: async (number) => appenderOf(number).close(),
    },
    async close() {
      for (const appender of appenders.values()) await appender.close();
    },
  };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (first && chunks.length === 1) return first;
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
