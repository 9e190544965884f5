// The main thread's end of the lease thread: starts it when there is something to keep, passes on what it says, and starts
// it again when it dies. Invariant: what it said before now was heard when `catchUp` returns, also by a thread that was busy.
import { extname } from "node:path";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Clock } from "../../ports/clock.ts";
import type { FromThread, LeaseThreadData, LeaseThreadOptions, ToThread } from "./lease-protocol.ts";

export interface LeaseThread {
  /** Starts it. Resolves when it can keep leases, or has died. */
  prepare(): Promise<void>;
  keep(workerId: string): void;
  drop(workerId: string): void;
  /** Hears what waits. */
  catchUp(): void;
  /** Resolves when the thread has ended, and its session with it. */
  close(): Promise<void>;
}

export interface LeaseThreadEnd extends LeaseThreadOptions {
  readonly clock: Clock;
  readonly hear: (message: FromThread) => void;
  /** The thread has died, and all that it held with it. */
  readonly onDeath: (error: Error) => void;
}

// Not an import: a thread starts from a file. `.ts` in development, `.js` in the package.
const THREAD = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);
const RESTART_MS = 5_000;

interface Running {
  readonly port: MessagePort;
  readonly worker: Worker;
  readonly ready: PromiseWithResolvers<void>;
}

export function createLeaseThread({ clock, hear, onDeath, ...options }: LeaseThreadEnd): LeaseThread {
  const kept = new Set<string>();
  let running: Running | null = null;
  let closed = false;

  function start(): Running {
    const { port1: port, port2 } = new MessageChannel();
    const data: LeaseThreadData = { options, port: port2 };
    // Not this process's options: some of them, as --input-type, keep a thread from starting.
    const worker = new Worker(THREAD, {
      workerData: data,
      transferList: [port2],
      name: "pawl-leases",
      execArgv: [],
    });
    port.on("message", receive);
    // Leases keep no process alive.
    worker.unref();
    port.unref();
    let cause = new Error("The lease thread has ended.");
    worker.on("error", (error) => {
      cause = error instanceof Error ? error : cause;
    });
    const ready = Promise.withResolvers<void>();
    worker.once("exit", () => {
      ready.resolve();
      if (!closed) die(cause);
    });
    return { port, worker, ready };
  }

  function die(error: Error): void {
    running = null;
    onDeath(error);
    clock.after(RESTART_MS, () => {
      if (closed || running || kept.size === 0) return;
      for (const workerId of kept) say({ kind: "keep", workerId });
    });
  }

  function say(message: ToThread): void {
    if (closed) return;
    running ??= start();
    running.port.postMessage(message);
  }

  function receive(message: FromThread): void {
    if (closed) return;
    if (message.kind === "ready") running?.ready.resolve();
    if (message.kind === "ping") say({ kind: "alive" });
    hear(message);
  }

  return {
    async prepare() {
      if (closed) return;
      running ??= start();
      await running.ready.promise;
    },
    keep(workerId) {
      kept.add(workerId);
      say({ kind: "keep", workerId });
    },
    drop(workerId) {
      if (kept.delete(workerId) && running) say({ kind: "drop", workerId });
    },
    catchUp() {
      for (let next = running && receiveMessageOnPort(running.port); next; next = receiveNext()) receive(next.message);
    },
    async close() {
      closed = true;
      // Whatever it waits for: its connection ends with it.
      await running?.worker.terminate();
    },
  };

  function receiveNext() {
    return running && receiveMessageOnPort(running.port);
  }
}
