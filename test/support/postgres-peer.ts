// A process of its own that works over PostgreSQL, for tests that kill it, freeze it, or stop its event loop. This
// file is both: what a test starts, and (when it is started) the process.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { createManager, defineJob, systemClock } from "../../src/index.ts";
import { createPostgresStore, type PostgresStore } from "../../src/stores/postgres/index.ts";
import { claimable, registerWorker } from "../../src/testing/contract/store-driver.ts";
import type { Fleet } from "./postgres-fleet.ts";

/** What the process does: runs `hold` and `block` jobs as any program would, or writes by itself, past the engine. */
type Role = "manager" | "writer";

interface PeerOptions {
  readonly url: string;
  readonly schema: string;
  readonly leaseMs: number;
  readonly role: Role;
}

type Message =
  | { readonly kind: "ready" }
  | { readonly kind: "started"; readonly jobId: string }
  /** An attempt's write was answered. */
  | { readonly kind: "wrote"; readonly counted: boolean }
  | { readonly kind: "settled"; readonly counted: boolean };

export interface Peer {
  readonly pid: number;
  /** Resolves with the next message of this kind that `fits`, also one that has come already. */
  next<K extends Message["kind"]>(
    kind: K,
    fits?: (message: Message & { readonly kind: K }) => boolean,
  ): Promise<Message & { readonly kind: K }>;
  signal(signal: NodeJS.Signals): void;
}

/** A type whose jobs hold their lease until they are stopped, and one whose jobs stop the event loop. */
export const HOLD = "hold";
export const BLOCK = "block";
const EVERY_MS = 20;

const tell = (message: Message) => void process.send?.(message);

const hold = defineJob({
  type: HOLD,
  input: z.object({}),
  async run(job) {
    tell({ kind: "started", jobId: job.id });
    for (let count = 0; ; count += 1) {
      await job.checkpoint({ count });
      await job.wait(EVERY_MS);
    }
  },
});

const block = defineJob({
  type: BLOCK,
  input: z.object({ ms: z.number() }),
  async run(job) {
    tell({ kind: "started", jobId: job.id });
    // The message has to leave before nothing moves any more.
    await sleep(EVERY_MS);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, job.input.ms);
  },
});

/** The types that a peer runs, for managers that submit them. */
export const PEER_JOBS = [hold, block];

/** Starts a process that ends with its fleet at the latest. */
export async function startPeer(
  { schema, defer }: Fleet,
  { url, leaseMs, role }: Omit<PeerOptions, "schema">,
): Promise<Peer> {
  const options: PeerOptions = { url, schema, leaseMs, role };
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], { execArgv: [] });
  defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  });
  const peer = listenTo(child);
  await peer.next("ready");
  return peer;
}

function listenTo(child: ChildProcess): Peer {
  const come: Message[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  child.on("message", (message: Message) => {
    come.push(message);
    wake();
  });
  child.on("exit", wake);
  return {
    pid: child.pid ?? 0,
    signal: (signal) => void child.kill(signal),
    next(kind, fits = () => true) {
      type Wanted = Extract<Message, { readonly kind: typeof kind }>;
      const isWanted = (message: Message): message is Wanted => message.kind === kind && fits(message as Wanted);
      return new Promise((resolve, reject) => {
        const look = () => {
          const index = come.findIndex(isWanted);
          const message = come[index];
          if (message === undefined && child.exitCode === null && child.signalCode === null) return;
          waiting.delete(look);
          if (message !== undefined && isWanted(message)) {
            come.splice(0, index + 1);
            resolve(message);
          } else reject(new Error(`The process ended before it said "${kind}".`));
        };
        waiting.add(look);
        look();
      });
    },
  };
}

async function manage(store: PostgresStore): Promise<void> {
  const manager = createManager({ store, fileStore: store.fileStore, jobs: PEER_JOBS });
  await manager.start();
  tell({ kind: "ready" });
}

async function write(store: PostgresStore): Promise<void> {
  const workerId = await registerWorker(store);
  tell({ kind: "ready" });
  const types = claimable(HOLD);
  for (;;) {
    const { jobs } = await store.jobs.claim({ workerId, types, limit: 1 });
    const [job] = jobs;
    if (job) {
      tell({ kind: "started", jobId: job.id });
      const lease = { id: job.id, workerId, token: job.token };
      return writeOn(store, lease);
    }
    await sleep(EVERY_MS);
  }
}

/** Goes on writing although nothing counts any more, as code that knows no leases would. */
async function writeOn(store: PostgresStore, lease: { id: string; workerId: string; token: number }): Promise<void> {
  const progress = { done: 0, total: null, unit: "", message: null, ratePerSecond: null };
  for (let seq = 1; ; seq += 1) {
    const [counted] = await store.jobs.checkpoint([{ ...lease, seq, cursor: { seq }, progress }]);
    tell({ kind: "wrote", counted: counted === true });
    if (counted !== true) {
      const [settled] = await store.jobs.settle([{ ...lease, event: "succeed" }]);
      tell({ kind: "settled", counted: settled !== null });
    }
    await sleep(EVERY_MS);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { role, ...options }: PeerOptions = JSON.parse(process.argv[2] ?? "");
  process.on("disconnect", () => process.exit());
  const store = await createPostgresStore({ ...options, connections: 2, clock: systemClock });
  await (role === "manager" ? manage : write)(store);
}
