// The main thread's end of a store thread. Calls that are made together travel together; answers come back in one
// message a transaction.
// Invariant: every call is settled exactly once, whatever becomes of the thread.
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { PawlError, storeUnavailable } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Writer } from "./operations.ts";
import type { Argument, Moment, Opened, Reply, Request, ThreadOptions } from "./protocol.ts";

type OperationName = keyof Writer;
type ArgumentsOf<K extends OperationName> =
  Parameters<Writer[K]> extends [Moment, ...infer A extends Argument[]] ? A : [];

/** A call that waits to be sent. As long as it is `open`, members may be added to it. */
export interface Outgoing {
  readonly operation: OperationName;
  readonly bulk: boolean;
  open: boolean;
  /** Asked when it is sent. */
  readonly args: () => readonly Argument[];
  readonly done: (answer: string) => void;
  readonly failed: (error: PawlError) => void;
}

export interface Connection {
  call<K extends OperationName>(operation: K, ...args: ArgumentsOf<K>): Promise<string>;
  enqueue(outgoing: Outgoing): void;
  /** Waits for what is under way, then ends the thread. May come twice. */
  close(): Promise<void>;
}

/** How many messages may be under way: enough to keep the thread busy, few enough that calls gather meanwhile. */
const MESSAGES = { urgent: 4, bulk: 2 } as const;
type LaneName = keyof typeof MESSAGES;

interface Lane {
  waiting: Outgoing[];
  underWay: number;
}

const CLOSED = "The store is closed.";
// Not an import: a thread starts from a file. `.ts` in development, `.js` in the package.
const THREAD = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);

/** Starts the thread and waits until its database is open. Rejects with a `PawlError`. */
export async function openConnection(options: ThreadOptions, clock: Clock): Promise<Connection> {
  const worker = new Worker(THREAD, { workerData: options, name: `pawl-sqlite-${options.role}` });
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const opened = await new Promise<Opened>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  if (!opened.opened) {
    await exited;
    throw new PawlError(opened.code, opened.message);
  }
  return connect(worker, exited, clock);
}

function connect(worker: Worker, exited: Promise<void>, clock: Clock): Connection {
  const lanes: Readonly<Record<LaneName, Lane>> = {
    urgent: { waiting: [], underWay: 0 },
    bulk: { waiting: [], underWay: 0 },
  };
  /** By id; `last` marks the call whose answer makes room for another message of its lane. */
  const sent = new Map<number, { readonly outgoing: Outgoing; readonly lane: Lane; readonly last: boolean }>();
  let lastId = 0;
  let scheduled = false;
  let refused: PawlError | null = null;
  let closed: Promise<void> | null = null;
  let drained: (() => void) | null = null;

  const unsettled = () => sent.size + lanes.urgent.waiting.length + lanes.bulk.waiting.length;

  function send(name: LaneName): void {
    const lane = lanes[name];
    if (lane.waiting.length === 0 || lane.underWay >= MESSAGES[name]) return;
    const batch = lane.waiting;
    lane.waiting = [];
    lane.underWay += 1;
    const calls = batch.map((outgoing, index) => {
      outgoing.open = false;
      lastId += 1;
      sent.set(lastId, { outgoing, lane, last: index === batch.length - 1 });
      return { id: lastId, operation: outgoing.operation, args: outgoing.args() };
    });
    const now = Math.floor(clock.now());
    const request: Request = { now, monotonic: Math.floor(clock.monotonic()), bulk: name === "bulk", calls };
    worker.postMessage(request);
  }

  function flush(): void {
    scheduled = false;
    if (refused && closed === null) return;
    send("urgent");
    send("bulk");
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(flush);
  }

  function receive(replies: readonly Reply[]): void {
    for (const reply of replies) {
      const entry = sent.get(reply[0]);
      if (!entry) continue;
      sent.delete(reply[0]);
      if (entry.last) entry.lane.underWay -= 1;
      if (reply[1]) entry.outgoing.done(reply[2]);
      else entry.outgoing.failed(new PawlError(reply[2], reply[3]));
    }
    schedule();
    if (unsettled() === 0) drained?.();
  }

  function die(error: PawlError): void {
    refused ??= error;
    const lost = [...sent.values()].map((entry) => entry.outgoing);
    const unsent = [...lanes.urgent.waiting.splice(0), ...lanes.bulk.waiting.splice(0)];
    sent.clear();
    for (const outgoing of [...lost, ...unsent]) outgoing.failed(error);
    drained?.();
  }

  worker.on("message", receive);
  worker.on("error", (error) => die(storeUnavailable(`The store's thread died: ${error.message}`, error)));
  worker.on("exit", () => die(storeUnavailable("The store's thread has ended.")));

  const enqueue = (outgoing: Outgoing): void => {
    if (refused) {
      outgoing.failed(refused);
      return;
    }
    const { waiting } = lanes[outgoing.bulk ? "bulk" : "urgent"];
    const before = waiting.at(-1);
    if (before) before.open = false;
    waiting.push(outgoing);
    schedule();
  };

  async function shutDown(): Promise<void> {
    refused ??= storeUnavailable(CLOSED);
    if (unsettled() > 0) {
      await new Promise<void>((resolve) => {
        drained = resolve;
      });
    }
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
