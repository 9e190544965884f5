// The main thread's end of a store thread: starts it, talks to it, and ends it.
// Invariant: whatever becomes of the thread, every call is settled.
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { PawlError, storeUnavailable } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Writer } from "./operations.ts";
import { createOutbox, type OperationName, type Outgoing } from "./outbox.ts";
import type { Argument, Moment, Opened, Reply, Request, ThreadOptions } from "./protocol.ts";

type ArgumentsOf<K extends OperationName> =
  Parameters<Writer[K]> extends [Moment, ...infer A extends Argument[]] ? A : [];

export interface Connection {
  call<K extends OperationName>(operation: K, ...args: ArgumentsOf<K>): Promise<string>;
  enqueue(outgoing: Outgoing): void;
  /** Waits for what is under way, then ends the thread. May come twice. */
  close(): Promise<void>;
}

// Not an import: a thread starts from a file. `.ts` in development, `.js` in the package.
const THREAD = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);

/** Starts the thread and waits until its database is open. Rejects with a `PawlError`. */
export async function openConnection(options: ThreadOptions, clock: Clock): Promise<Connection> {
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
  return connect(worker, exited, clock);
}

function connect(worker: Worker, exited: Promise<void>, clock: Clock): Connection {
  const outbox = createOutbox((calls, bulk) => {
    const now = Math.floor(clock.now());
    const request: Request = { now, monotonic: Math.floor(clock.monotonic()), bulk, calls };
    worker.postMessage(request);
  });
  const drained = Promise.withResolvers<void>();
  let scheduled = false;
  let refused: PawlError | null = null;
  let closed: Promise<void> | null = null;

  // At the end of the present turn: whoever asks in it goes along.
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      outbox.flush();
    });
  }

  function checkDrained(): void {
    if (refused && outbox.empty) drained.resolve();
  }

  function die(error: PawlError): void {
    refused ??= error;
    outbox.abort(error);
    checkDrained();
  }

  worker.on("message", (replies: readonly Reply[]) => {
    outbox.receive(replies);
    schedule();
    checkDrained();
  });
  worker.on("error", (error) => die(storeUnavailable(`The store's thread died: ${error.message}`, error)));
  worker.on("exit", () => die(storeUnavailable("The store's thread has ended.")));

  function enqueue(outgoing: Outgoing): void {
    if (refused) {
      outgoing.failed(refused);
      return;
    }
    outbox.add(outgoing);
    schedule();
  }

  async function shutDown(): Promise<void> {
    refused ??= storeUnavailable("The store is closed.");
    checkDrained();
    await drained.promise;
    worker.postMessage("close");
    await exited;
  }

  return {
    enqueue,
    call: (operation, ...args) =>
      new Promise((resolve, reject) => {
        enqueue({ operation, bulk: false, open: false, args: () => args, done: resolve, failed: reject });
      }),
    close() {
      closed ??= shutDown();
      return closed;
    },
  };
}
