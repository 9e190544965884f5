// The composition root: the one place that knows every part, and puts a server together from a configuration.
// Parts start in the order in which they depend on each other and stop in reverse; what has started is always stopped.
import { hostname } from "node:os";
import path from "node:path";
import { ERROR_CODES, type PawlError } from "../domain/errors.ts";
import { createManager } from "../engine/create-manager.ts";
import type { Retention } from "../engine/pruner.ts";
import type { AnyJobDefinition } from "../engine/registry.ts";
import { systemClock } from "../engine/system-clock.ts";
import { createDirectoryFileStore } from "../files/index.ts";
import { createHttpServer } from "../http/index.ts";
import { createBulkTeams } from "../jobs/bulk-teams.ts";
import { createCsvImport } from "../jobs/csv-import.ts";
import { createDataExport } from "../jobs/data-export.ts";
import { createDataStore, type DataStore } from "../jobs/data-store.ts";
import { createDayExport } from "../jobs/day-export.ts";
import { createFileTask } from "../jobs/file-task.ts";
import { createReverseText } from "../jobs/reverse-text.ts";
import { createSimple } from "../jobs/simple.ts";
import { createTicker } from "../jobs/ticker.ts";
import type { Logger } from "../ports/logger.ts";
import { createSqliteStore } from "../stores/sqlite/index.ts";
import type { Config } from "./config.ts";
import { prepareFolder } from "./data-folder.ts";
import { explainDataStore, explainPort } from "./start-problem.ts";
import { type Callers, callersOf, refuseStrangers, servesEarlierApis } from "./who-may-call.ts";

/** A running server. */
export interface Server {
  readonly url: string;
  readonly callers: Callers;
  /** Lets jobs reach a checkpoint and requests finish, both at most `drainMs`, then closes everything. May come twice. */
  stop(): Promise<void>;
}

/**
 * Starts everything that `config` describes; resolves when the server answers requests.
 * Rejects with `invalid_config` (folder, port), `store_owned`, `storage_full` or `store_unavailable`.
 */
export async function startServer(config: Config, logger: Logger): Promise<Server> {
  await prepareFolder(config.data);
  await using starting = new AsyncDisposableStack();
  const store = await createSqliteStore({ path: config.database, clock: systemClock, logger });
  starting.defer(() => store.close());
  void store.lost.then((error) => exitLost(error, logger));
  await refuseStrangers(store.tokens, config);
  const fileStore = createDirectoryFileStore({ directory: path.join(config.data, "files") });
  const data = openDataStore(path.join(config.data, "data.db"));
  starting.defer(() => data.close());
  const manager = createManager({
    store,
    fileStore,
    jobs: [createCsvImport({ data }), createDataExport({ data }), createBulkTeams({ data }), ...timedJobs(config)],
    host: hostname(),
    logger,
    concurrency: config.concurrency,
    queueLimit: config.queueLimit,
    drainMs: config.drainMs,
    crashLimit: config.crashLimit,
    retention: retentionOf(config),
    uploadQuotaBytes: config.uploadQuota,
  });
  const http = createHttpServer({
    manager,
    datasets: data.catalog,
    teams: data.teams,
    logger,
    host: config.host,
    port: config.port,
    auth: config.auth,
    allowedHosts: config.allowedHosts,
    trustedProxies: config.trustedProxies,
    ratePerSecond: config.rateLimit,
    maxUploadBytes: config.maxUpload,
    maxConnections: connectionsAtMost(),
    compat: servesEarlierApis(config) ? { baselineDateColumn: config.baselineDateColumn } : null,
    closeGraceMs: config.drainMs,
  });
  starting.defer(async () => {
    await Promise.all([manager.stop(), http.close()]);
  });
  await manager.start();
  const { url } = await http.listen().catch((error: unknown) => Promise.reject(explainPort(error, config)));
  const callers = await callersOf(store.tokens, config);
  const running = starting.move();
  return { url, callers, stop: () => running.disposeAsync() };
}

/** Tickers may be endless, so they leave a fifth of the workers to others. */
const TICKER_SHARE = 0.8;

const timedJobs = (config: Config): readonly AnyJobDefinition[] => [
  createTicker({ concurrency: Math.max(1, Math.floor(config.concurrency * TICKER_SHARE)) }),
  createSimple({ stepMs: config.simpleStepMs }),
  createDayExport({ dayMs: config.dayMs }),
  createReverseText({ delayMs: config.reverseDelayMs, workers: config.reverseWorkers }),
  createFileTask({ stepMs: config.fileTaskStepMs }),
];

const retentionOf = (config: Config): Retention => ({
  succeeded: config.retainSucceeded,
  failed: config.retainFailed,
  cancelled: config.retainCancelled,
  rolled_back: config.retainRolledBack,
  unusedUploadsMs: config.retainUploads,
  audit: config.retainAudit,
});

function openDataStore(file: string): DataStore {
  try {
    return createDataStore({ path: file });
  } catch (error) {
    throw explainDataStore(error, file);
  }
}

/** Ends the process: whatever started it starts it again, and the recovery loses nothing that was acknowledged. */
function exitLost(error: PawlError, logger: Logger): never {
  logger.error({ err: error }, "The store is gone: the process ends, so that another one can take over.");
  process.exit(ERROR_CODES[error.code].exitCode);
}

/** More than a server needs, and never so many that the jobs have no files left to open. */
const CONNECTIONS_MAX = 4_000;

function connectionsAtMost(): number {
  const { userLimits } = process.report.getReport() as {
    readonly userLimits?: Readonly<Record<string, { readonly soft: unknown }>>;
  };
  const files = Number(userLimits?.open_files?.soft);
  return Number.isFinite(files) ? Math.min(CONNECTIONS_MAX, Math.floor(files / 2)) : CONNECTIONS_MAX;
}
