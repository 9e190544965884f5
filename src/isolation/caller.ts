// Calls over to the process that started this one. Each is answered once, in whatever order.
import type { IsolatedCalls } from "../ports/isolation.ts";
import { errorOf, type ToChild, type ToParent } from "./protocol.ts";

export interface Caller {
  readonly calls: IsolatedCalls;
  settle(answer: Extract<ToChild, { kind: "answer" | "refusal" }>): void;
}

interface Waiting {
  // Each call knows what it is answered; the table of all that wait cannot say so.
  resolve(value: never): void;
  reject(error: Error): void;
}

export function createCaller(send: (message: ToParent) => void): Caller {
  const waiting = new Map<number, Waiting>();
  let made = 0;
  const over =
    <A extends unknown[], R>(method: keyof IsolatedCalls) =>
    (...args: A): Promise<R> =>
      new Promise((resolve, reject) => {
        made += 1;
        waiting.set(made, { resolve, reject });
        send({ kind: "call", call: made, method, args });
      });
  return {
    calls: {
      writeCheckpoint: over("writeCheckpoint"),
      reportProgress: over("reportProgress"),
      appendLogs: over("appendLogs"),
      saveStep: over("saveStep"),
      steps: over("steps"),
      appendJournal: over("appendJournal"),
      newestEntries: over("newestEntries"),
      journalSize: over("journalSize"),
      removeEntries: over("removeEntries"),
      insertFile: over("insertFile"),
      insertArtifact: over("insertArtifact"),
      getFiles: over("getFiles"),
      newFileId: over("newFileId"),
      readBytes: over("readBytes"),
      removeBytes: over("removeBytes"),
      openAppender: over("openAppender"),
      appendBytes: over("appendBytes"),
      syncAppender: over("syncAppender"),
      finishAppender: over("finishAppender"),
      closeAppender: over("closeAppender"),
      warn: over("warn"),
    },
    settle(answer) {
      const call = waiting.get(answer.call);
      waiting.delete(answer.call);
      if (answer.kind === "answer") call?.resolve(answer.value as never);
      else call?.reject(errorOf(answer.error));
    },
  };
}
