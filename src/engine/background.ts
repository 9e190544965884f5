// What runs behind a manager, in the order in which it starts: the recovery first, so that nothing is claimed before it;
// stopped the other way round. Once stopped it stays stopped: what was left over is the next process's.
import { PawlError } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { Logger } from "../ports/logger.ts";
import type { Notice, Notifier } from "../ports/notifier.ts";
import type { CheckpointWrite, ProgressWrite, Settlement, SettleResult, Store } from "../ports/store.ts";
import { createBatcher } from "./batcher.ts";
import { createFileSweep } from "./file-sweep.ts";
import { createHeartbeat } from "./heartbeat.ts";
import type { IsolatedServices } from "./isolated-calls.ts";
import { createJobLogs } from "./job-log.ts";
import type { Manager } from "./manager.ts";
import type { PrepareJob } from "./new-job.ts";
import { createPruner, type Retention } from "./pruner.ts";
import { createReaper } from "./reaper.ts";
import type { Registry } from "./registry.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import type { Service } from "./service.ts";
import { createStrays } from "./strays.ts";
import { createWorker } from "./worker.ts";

type Readiness = Awaited<ReturnType<Manager["readiness"]>>;

export interface Background extends Service {
  readiness(): Readiness;
  /** A schedule may be due sooner than before. */
  onScheduleChange(): void;
}

export interface BackgroundOptions {
  readonly store: Store;
  readonly fileStore: FileStore;
  readonly registry: Registry;
  readonly prepare: PrepareJob;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newId: () => string;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly concurrency: number;
  /** Whether this process runs jobs. */
  readonly works: boolean;
  /** Those that it claims from; `null`: all. */
  readonly queues: readonly string[] | null;
  readonly drainMs: number;
  /** The crash without checkpoint progress at which a job fails as `crash_loop`. */
  readonly crashLimit: number;
  readonly retention: Retention;
  readonly host: string;
}

const WRITE_LIMIT = 1_000;

export function createBackground(options: BackgroundOptions): Background {
  let isStopped = false;
  let state: Readiness = "starting";
  let starting: Promise<void> | null = null;
  let stopping: Promise<void> | null = null;
  const scheduler = createScheduler(options);
  const services = createServices(options, scheduler, () => isStopped);

  const begin = async () => {
    for (const service of services) await service.start();
    if (!stopping) state = "ready";
  };

  const end = async () => {
    state = "draining";
    await starting?.catch(() => {});
    for (const service of services.toReversed()) await service.stop();
    isStopped = true;
  };

  return {
    readiness: () => state,
    onScheduleChange: scheduler.wake,
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

function createServices(
  options: BackgroundOptions,
  scheduler: Scheduler,
  isStopped: () => boolean,
): readonly Service[] {
  const { store, clock, logger } = options;
  const { leases } = store;
  return [
    createReaper({ leases, crashLimit: options.crashLimit, clock, logger }),
    ...(options.works ? createWork(options, isStopped) : []),
    createListening(store.notifier, [scheduler.onNotice]),
    scheduler,
    createPruner({ ...options, store: store.retention, audit: store.audit }),
    createFileSweep(options),
  ];
}

/** What runs jobs. */
function createWork(options: BackgroundOptions, isStopped: () => boolean): readonly Service[] {
  const { store, clock, logger } = options;
  const worker = createWorker({
    ...options,
    run: { ...createRunServices(options), isStopped },
    host: { host: options.host, pid: process.pid, concurrency: options.concurrency, queues: options.queues },
  });
  const heartbeat = createHeartbeat({ worker, leases: store.leases, leaseMs: store.leaseMs, clock, logger });
  const strays = createStrays({ worker, store, everyMs: store.leaseMs / 2, clock, logger });
  return [heartbeat, strays, createListening(store.notifier, [heartbeat.onNotice, worker.onNotice]), worker];
}

/** Passes notices on while it is started. */
function createListening(notifier: Notifier, listeners: readonly ((notice: Notice) => void)[]): Service {
  let unsubscribe = () => {};
  return {
    async start() {
      const subscriptions = listeners.map((listener) => notifier.subscribe(listener));
      unsubscribe = () => {
        for (const end of subscriptions) end();
      };
    },
    async stop() {
      unsubscribe();
    },
  };
}

/** What all attempts of this process share: batched writes to the store. */
function createRunServices(options: BackgroundOptions): Omit<IsolatedServices, "isStopped"> {
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
    steps: store.steps,
    journal: store.journal,
    logStore: store.logs,
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
