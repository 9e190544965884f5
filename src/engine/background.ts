// What runs behind a manager: the recovery first, then the worker, its heartbeat and the reaper; stopped the other way
// round. Once stopped it stays stopped: what was left over is the next process's.
import { PawlError } from "../domain/errors.ts";
import { DEFAULT_CRASH_LIMIT } from "../domain/retry.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { Logger } from "../ports/logger.ts";
import type { CheckpointWrite, ProgressWrite, Settlement, SettleResult, Store } from "../ports/store.ts";
import { createBatcher } from "./batcher.ts";
import { sweepFiles } from "./files.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createJobLogs } from "./job-log.ts";
import type { Manager } from "./manager.ts";
import { createReaper } from "./reaper.ts";
import type { Registry } from "./registry.ts";
import type { RunServices } from "./run-attempt.ts";
import type { Service } from "./service.ts";
import { createWorker } from "./worker.ts";

type Readiness = Awaited<ReturnType<Manager["readiness"]>>;

export interface Background extends Service {
  readiness(): Readiness;
}

export interface BackgroundOptions {
  readonly store: Store;
  readonly fileStore: FileStore;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newId: () => string;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly concurrency: number;
  readonly drainMs: number;
  readonly host: string;
}

const WRITE_LIMIT = 1_000;

export function createBackground(options: BackgroundOptions): Background {
  const { store, clock, logger } = options;
  const { leases, leaseMs } = store;
  let isStopped = false;
  const run = { ...createRunServices(options), isStopped: () => isStopped };
  const worker = createWorker({
    ...options,
    run,
    host: { host: options.host, pid: process.pid, concurrency: options.concurrency },
  });
  const reaper = createReaper({ leases, crashLimit: DEFAULT_CRASH_LIMIT, everyMs: leaseMs / 3, clock, logger });
  const heartbeat = createHeartbeat({ worker, leases, leaseMs, clock, logger });
  let state: Readiness = "starting";
  let starting: Promise<void> | null = null;
  let stopping: Promise<void> | null = null;
  let sweeping: Promise<void> = Promise.resolve();
  let unsubscribe = () => {};

  const begin = async () => {
    sweeping = sweepFiles(options).catch((error) => logger.error({ err: error }, "Sweeping files failed."));
    await reaper.start();
    unsubscribe = store.notifier.subscribe(worker.onNotice);
    await worker.start();
    await heartbeat.start();
    if (!stopping) state = "ready";
  };

  const end = async () => {
    state = "draining";
    await starting?.catch(() => {});
    await worker.stop();
    unsubscribe();
    await heartbeat.stop();
    await reaper.stop();
    await sweeping;
    isStopped = true;
  };

  return {
    readiness: () => state,
    start() {
      if (stopping) return Promise.reject(new PawlError("draining", "This manager was stopped. Create another one."));
      starting ??= begin();
      return starting;
    },
    stop() {
      stopping ??= end();
      return stopping;
    },
  };
}

/** What all attempts of this process share: batched writes to the store. */
function createRunServices(options: BackgroundOptions): Omit<RunServices, "isStopped"> {
  const { store, fileStore, clock, logger, random } = options;
  const { jobs } = store;
  const writeProgress = createBatcher<ProgressWrite, boolean>({
    flush: (writes) => jobs.reportProgress(writes),
    limit: WRITE_LIMIT,
  });
  return {
    clock,
    logger,
    fileStore,
    random,
    files: store.files,
    logs: createJobLogs({ store: store.logs, clock, logger }),
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
