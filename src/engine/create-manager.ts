// Puts the engine's parts together for one process.
import { toSummary } from "../domain/job.ts";
import { LIMITS } from "../domain/limits.ts";
import { DEFAULT_CRASH_LIMIT } from "../domain/retry.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { Logger } from "../ports/logger.ts";
import type { Store } from "../ports/store.ts";
import { createAccess } from "./access.ts";
import { createBackground } from "./background.ts";
import { createBulk } from "./bulk.ts";
import { createControl, createControlWriter } from "./control.ts";
import { createEdit } from "./edit.ts";
import { createFiles } from "./files.ts";
import { createJobReads } from "./job-reads.ts";
import type { Manager } from "./manager.ts";
import { createIdSource } from "./new-id.ts";
import { createPrepareJob } from "./new-job.ts";
import { DEFAULT_RETENTION, type Retention } from "./pruner.ts";
import { createQueues } from "./queues.ts";
import { type AnyJobDefinition, createRegistry } from "./registry.ts";
import { createSchedules } from "./schedules.ts";
import { silentLogger } from "./silent-logger.ts";
import { createFigures } from "./stats.ts";
import { createSubmit } from "./submit.ts";
import { checkInteger, checkServedQueues } from "./submit-checks.ts";
import { systemClock } from "./system-clock.ts";
import { createWaitUntil } from "./wait.ts";

export interface ManagerOptions {
  readonly store: Store;
  readonly fileStore: FileStore;
  /** The job types that this process knows. */
  readonly jobs: readonly AnyJobDefinition[];
  /** Jobs that may run at once in this process, default 100. */
  readonly concurrency?: number;
  /** Waiting jobs that one queue may hold, default 1,000,000. */
  readonly queueLimit?: number;
  /** Whether this process runs jobs, default true. Without, it still serves callers, and watches over everybody's jobs. */
  readonly works?: boolean;
  /** The queues whose jobs this process runs; default `null`: all. */
  readonly queues?: readonly string[] | null;
  /** How long `stop` waits for running jobs to reach a checkpoint, in ms, default 10,000. */
  readonly drainMs?: number;
  /** At how many crashes without checkpoint progress in between a job fails as `crash_loop`, default 5. */
  readonly crashLimit?: number;
  /** How long finished jobs and the audit are kept, and how much of them; what is left out keeps its default. */
  readonly retention?: Partial<Retention>;
  /** Bytes that all uploads together may take, those of jobs included; default `null`: as much as there is. */
  readonly uploadQuotaBytes?: number | null;
  /** Shown as the worker's host. */
  readonly host?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** A number in [0, 1), for backoffs. */
  readonly random?: () => number;
}

const DEFAULTS = {
  concurrency: 100,
  queueLimit: 1_000_000,
  works: true,
  queues: null,
  drainMs: 10_000,
  crashLimit: DEFAULT_CRASH_LIMIT,
  uploadQuotaBytes: null,
  host: "local",
  logger: silentLogger,
  random: Math.random,
};

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
export function createManager(given: ManagerOptions): Manager {
  const retention = { ...DEFAULT_RETENTION, ...given.retention };
  const options = { ...DEFAULTS, ...given, retention, clock: clockOf(given) };
  const { store, fileStore, clock } = options;
  checkInteger("concurrency", options.concurrency, { from: 1, to: LIMITS.concurrency });
  checkServedQueues(options.queues);
  checkInteger("queueLimit", options.queueLimit, { from: 1, to: Number.MAX_SAFE_INTEGER });
  checkInteger("crashLimit", options.crashLimit, { from: 1, to: Number.MAX_SAFE_INTEGER });
  if (options.uploadQuotaBytes !== null) {
    checkInteger("uploadQuotaBytes", options.uploadQuotaBytes, { from: 0, to: Number.MAX_SAFE_INTEGER });
  }
  const registry = createRegistry(options.jobs);
  const newId = createIdSource(clock);
  const reads = createJobReads({ store, clock });
  const prepare = createPrepareJob({ ...options, registry, newId });
  const write = createControlWriter(store);
  const background = createBackground({ ...options, registry, newId, prepare });
  return {
    ...createSubmit({ store, prepare, clock }),
    ...createControl({ store, fileStore, clock, write }),
    edit: createEdit({ store, registry, clock }),
    bulk: createBulk({ store, write }),
    ...reads,
    access: createAccess(options),
    files: createFiles({ store, fileStore, clock, quotaBytes: options.uploadQuotaBytes }),
    queues: createQueues(store),
    schedules: createSchedules({ store, registry, clock, onChange: background.onScheduleChange }),
    ...createFigures({ store, clock }),
    waitUntil: createWaitUntil({ get: reads.get, notifier: store.notifier, clock }),
    jobTypes: () => registry.infos(),
    summaries: async (ids) => (await store.jobs.listed(ids)).map((job) => toSummary(job, clock.now())),
    subscribe: (listener) => store.notifier.subscribe(listener),
    async readiness() {
      await store.ping();
      return background.readiness();
    },
    start: background.start,
    stop: background.stop,
  };
}

/** What is stored is compared with the store's time, whatever the machine's own clock says. */
const clockOf = ({ store, clock = systemClock }: ManagerOptions): Clock => ({
  now: () => store.now(),
  monotonic: () => clock.monotonic(),
  after: (delayMs, callback) => clock.after(delayMs, callback),
});
