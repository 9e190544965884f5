// The main thread's end of a store thread: starts it, talks to it, and ends it.
// Invariant: whatever becomes of the thread, every call is settled.
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { PawlError, storeUnavailable } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Writer } from "./operations.ts";
import type { Answers, Argument, Call, Moment, Opened, Reply, Request, ThreadOptions } from "./protocol.ts";

type OperationName = keyof Writer;
type ArgumentsOf<K extends OperationName> =
  Parameters<Writer[K]> extends [Moment, ...infer A extends Argument[]] ? A : [];

export interface Connection {
  /** Answers when the transaction that the operation was in is committed. Calls of one turn travel together, in order. */
  call<K extends OperationName>(operation: K, ...args: ArgumentsOf<K>): Promise<string>;
  /** Resolves when the thread has died without being asked to end. */
  readonly lost: Promise<PawlError>;
  /** Waits for what is under way, then ends the thread. May come twice. */
  close(): Promise<void>;
}

// Not an import: a thread starts from a file. `.ts` in development, `.js` in the package.
const THREAD = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);

export interface ConnectionOptions {
  readonly clock: Clock;
  /** A lease has ended that a claim waits for. */
  readonly onReleased: () => void;
}

/** Starts the thread and waits until its database is open. Rejects with a `PawlError`. */
export async function openConnection(
  options: ThreadOptions,
  { clock, onReleased }: ConnectionOptions,
): Promise<Connection> {
  // Not this process's options: some of them, as --input-type, keep a thread from starting.
  const worker = new Worker(THREAD, { workerData: options, name: `pawl-sqlite-${options.role}`, execArgv: [] });
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const opened = await new Promise<Opened>((resolve, reject) => {
    const failed = (error: Error) =>
      reject(storeUnavailable(`The store's thread does not start: ${error.message}`, error));
    worker.once("message", resolve);
    worker.once("error", failed);
    worker.once("exit", () => failed(new Error("it ended at once")));
  });
  if (!opened.opened) {
    await exited;
    throw new PawlError(opened.code, opened.message);
  }
  return connect(worker, exited, { clock, onReleased });
}

interface Unanswered {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: PawlError) => void;
}

function connect(worker: Worker, exited: Promise<void>, { clock, onReleased }: ConnectionOptions): Connection {
  const unanswered = new Map<number, Unanswered>();
  let waiting: Call[] = [];
  let lastId = 0;
  const drained = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<PawlError>();
  let refused: PawlError | null = null;
  let closed: Promise<void> | null = null;

  // At the end of the present turn: whoever asks in it goes along.
  function flush(): void {
    const calls = waiting;
    waiting = [];
    const request: Request = { now: Math.floor(clock.now()), monotonic: Math.floor(clock.monotonic()), calls };
    worker.postMessage(request);
  }

  function settle([id, ...reply]: Reply): void {
    const call = unanswered.get(id);
    unanswered.delete(id);
    if (reply[0]) call?.resolve(reply[1]);
    else call?.reject(new PawlError(reply[1], reply[2]));
  }

  function checkDrained(): void {
    if (refused && unanswered.size === 0) drained.resolve();
  }

  function die(error: PawlError): void {
    if (!closed) lost.resolve(error);
    refused ??= error;
    for (const { reject } of unanswered.values()) reject(error);
    unanswered.clear();
    checkDrained();
  }

  worker.on("message", ({ replies, released }: Answers) => {
    if (released) onReleased();
    for (const reply of replies) settle(reply);
    checkDrained();
  });
  worker.on("error", (error) => die(storeUnavailable(`The store's thread died: ${error.message}`, error)));
  worker.on("exit", () => die(storeUnavailable("The store's thread has ended.")));

  async function shutDown(): Promise<void> {
    refused ??= storeUnavailable("The store is closed.");
    checkDrained();
    await drained.promise;
    worker.postMessage("close");
    await exited;
  }

  return {
    lost: lost.promise,
    call: (operation, ...args) =>
      new Promise((resolve, reject) => {
        if (refused) {
          reject(refused);
          return;
        }
        lastId += 1;
        unanswered.set(lastId, { resolve, reject });
        if (waiting.push({ id: lastId, operation, args }) === 1) queueMicrotask(flush);
      }),
    close() {
      closed ??= shutDown();
      return closed;
    },
  };
}
