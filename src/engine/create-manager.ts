// Puts the engine's parts together for one process. Start order is recovery first, claims last; stop goes the other way.
import { toSummary } from "../domain/job.ts";
import { DEFAULT_CRASH_LIMIT } from "../domain/retry.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { Logger } from "../ports/logger.ts";
import type { CheckpointWrite, ProgressWrite, Settlement, SettleResult, Store } from "../ports/store.ts";
import { createBatcher } from "./batcher.ts";
import { createControl } from "./control.ts";
import { createFiles, SWEEP_AGE_MS, sweepFiles } from "./files.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createJobLogs } from "./job-log.ts";
import { createJobReads } from "./job-reads.ts";
import type { Manager } from "./manager.ts";
import { createIdSource } from "./new-id.ts";
import { createReaper } from "./reaper.ts";
import { type AnyJobDefinition, createRegistry } from "./registry.ts";
import type { RunServices } from "./run-attempt.ts";
import { silentLogger } from "./silent-logger.ts";
import { createSubmit } from "./submit.ts";
import { systemClock } from "./system-clock.ts";
import { createWaitUntil } from "./wait.ts";
import { createWorker } from "./worker.ts";

export interface ManagerOptions {
  readonly store: Store;
  readonly fileStore: FileStore;
  /** The job types that this process knows. */
  readonly jobs: readonly AnyJobDefinition[];
  /** Jobs that may run at once in this process, default 100. */
  readonly concurrency?: number;
  /** Waiting jobs that one queue may hold, default 1,000,000. */
  readonly queueLimit?: number;
  /** How long `stop` waits for running jobs to reach a checkpoint, in ms, default 10,000. */
  readonly drainMs?: number;
  /** Shown as the worker's host. */
  readonly host?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** A number in [0, 1), for backoffs. */
  readonly random?: () => number;
}

const DEFAULTS = { concurrency: 100, queueLimit: 1_000_000, drainMs: 10_000, host: "local" } as const;
const WRITE_LIMIT = 1_000;

/**
 * Creates a manager over a store. Nothing runs before `start()`; jobs can be submitted and steered at once.
 * The store stays the caller's: close it after `stop()`.
 *
 * @example
 * const manager = createManager({ store, fileStore, jobs: [importContacts] });
 * await manager.start();
 * const job = await manager.submit({ type: "import-contacts", input: { file, list: "all" } });
 * await manager.pause(job.id, { reason: "wrong file?" });
 */
export function createManager(options: ManagerOptions): Manager {
  const { store, fileStore } = options;
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  const registry = createRegistry(options.jobs);
  const newId = createIdSource(clock);
  let state: "starting" | "ready" | "draining" | "stopped" = "starting";
  const files = createFiles({ store, fileStore, clock });
  const reads = createJobReads({ store, clock });
  const queueLimit = options.queueLimit ?? DEFAULTS.queueLimit;
  const worker = createWorker({
    store,
    registry,
    run: { ...createRunServices(options, clock, logger), isStopped: () => state === "stopped" },
    clock,
    logger,
    concurrency: options.concurrency ?? DEFAULTS.concurrency,
    drainMs: options.drainMs ?? DEFAULTS.drainMs,
    host: { host: options.host ?? DEFAULTS.host, pid: process.pid },
    newId,
  });
  const reaper = createReaper({
    leases: store.leases,
    crashLimit: DEFAULT_CRASH_LIMIT,
    everyMs: store.leaseMs / 3,
    clock,
    logger,
  });
  const heartbeat = createHeartbeat({ worker, leases: store.leases, leaseMs: store.leaseMs, clock, logger });
  let unsubscribe = () => {};
  let sweeping: Promise<void> = Promise.resolve();

  return {
    submit: createSubmit({ store, registry, clock, newId, queueLimit }),
    ...createControl({ store, fileStore, clock }),
    ...reads,
    files,
    waitUntil: createWaitUntil({ get: reads.get, notifier: store.notifier, clock }),
    jobTypes: () => registry.infos(),
    summaries: async (ids) => (await store.jobs.get(ids)).map((job) => toSummary(job, clock.now())),
    subscribe: (listener) => store.notifier.subscribe(listener),
    async readiness() {
      await store.ping();
      return state === "stopped" ? "draining" : state;
    },
    async start() {
      if (state !== "starting") return;
      sweeping = sweepFiles({ store, fileStore, clock }, clock.now() - SWEEP_AGE_MS, logger).catch((error) =>
        logger.error({ err: error }, "Sweeping files failed."),
      );
      await reaper.start();
      unsubscribe = store.notifier.subscribe(worker.onNotice);
      await worker.start();
      await heartbeat.start();
      state = "ready";
    },
    async stop() {
      state = "draining";
      await worker.stop();
      unsubscribe();
      await heartbeat.stop();
      await reaper.stop();
      await sweeping;
      state = "stopped";
    },
  };
}

/** What all attempts of this process share: batched writes to the store. */
function createRunServices(
  { store, fileStore, random }: ManagerOptions,
  clock: Clock,
  logger: Logger,
): Omit<RunServices, "isStopped"> {
  const { jobs } = store;
  const writeProgress = createBatcher<ProgressWrite, boolean>({
    flush: (writes) => jobs.reportProgress(writes),
    limit: WRITE_LIMIT,
  });
  return {
    clock,
    logger,
    fileStore,
    files: store.files,
    logs: createJobLogs({ store: store.logs, clock, logger }),
    random: random ?? Math.random,
    writeCheckpoint: createBatcher<CheckpointWrite, boolean>({
      flush: (writes) => jobs.checkpoint(writes),
      limit: WRITE_LIMIT,
    }),
    settle: createBatcher<Settlement, SettleResult>({
      flush: (settlements) => jobs.settle(settlements),
      limit: WRITE_LIMIT,
    }),
    reportProgress: (write) => {
      writeProgress(write).catch((error) => logger.warn({ err: error, job: write.id }, "Progress could not be shown."));
    },
  };
}
