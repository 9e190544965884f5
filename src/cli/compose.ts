// The composition root: the one place that knows every part, and puts a server or a worker together from a configuration.
// Parts start in the order in which they depend on each other and stop in reverse; what has started is always stopped.
import { hostname } from "node:os";
import { ERROR_CODES, PawlError } from "../domain/errors.ts";
import { createManager } from "../engine/create-manager.ts";
import type { Manager } from "../engine/manager.ts";
import type { Retention } from "../engine/pruner.ts";
import type { AnyJobDefinition } from "../engine/registry.ts";
import { createHttpServer, type HttpServer } from "../http/index.ts";
import { createBulkTeams } from "../jobs/bulk-teams.ts";
import { createCsvImport } from "../jobs/csv-import.ts";
import { createDataExport } from "../jobs/data-export.ts";
import { createDayExport } from "../jobs/day-export.ts";
import { createFileTask } from "../jobs/file-task.ts";
import { createReverseText } from "../jobs/reverse-text.ts";
import { createSimple } from "../jobs/simple.ts";
import { createTicker } from "../jobs/ticker.ts";
import type { Logger } from "../ports/logger.ts";
import type { Config } from "./config.ts";
import { explainPort } from "./start-problem.ts";
import { openStorage, type Storage } from "./storage.ts";
import type { Stoppable } from "./until-signal.ts";
import { type Callers, callersOf, refuseStrangers, servesEarlierApis } from "./who-may-call.ts";

/** A running server. Stopping lets jobs reach a checkpoint and requests finish, both at most `drainMs`. */
export interface Server extends Stoppable {
  readonly url: string;
  readonly callers: Callers;
}

/**
 * Starts everything that `config` describes; resolves when the server answers requests.
 * Rejects with `invalid_config` (folder, port), `store_owned`, `storage_full` or `store_unavailable`.
 */
export async function startServer(config: Config, logger: Logger): Promise<Server> {
  if (config.work === "off") refuseFile(config, "--no-work");
  await using starting = new AsyncDisposableStack();
  const storage = starting.use(await openStorage(config, logger));
  void storage.store.lost.then((error) => exitLost(error, logger));
  await refuseStrangers(storage.store.tokens, config);
  const manager = composeManager(storage, { config, logger });
  const http = composeHttp(storage, { config, logger, manager });
  starting.defer(async () => {
    await Promise.all([manager.stop(), http.close()]);
  });
  await manager.start();
  const { url } = await http.listen().catch((error: unknown) => Promise.reject(explainPort(error, config)));
  const callers = await callersOf(storage.store.tokens, config);
  const running = starting.move();
  return { url, callers, stop: () => running.disposeAsync() };
}

/** Starts to run jobs. Rejects with `invalid_config` (no PostgreSQL) or `store_unavailable`. */
export async function startWorker(config: Config, logger: Logger): Promise<Stoppable> {
  refuseFile(config, "pawl work");
  await using starting = new AsyncDisposableStack();
  const storage = starting.use(await openStorage(config, logger));
  const manager = composeManager(storage, { config: { ...config, work: "on" }, logger });
  starting.defer(() => manager.stop());
  await manager.start();
  const running = starting.move();
  return { stop: () => running.disposeAsync() };
}

/** A file belongs to one process, so that nobody else could run its jobs. */
function refuseFile({ database }: Config, what: string): void {
  if (database.kind === "postgres") return;
  throw new PawlError(
    "invalid_config",
    `${what} needs a database that several processes share, and ${database.path} is a file that belongs to one. Name one with --database postgres://user:password@host/database (PAWL_DATABASE).`,
  );
}

interface Parts {
  readonly config: Config;
  readonly logger: Logger;
}

function composeManager({ store, fileStore, data }: Storage, { config, logger }: Parts): Manager {
  return createManager({
    store,
    fileStore,
    jobs: [createCsvImport({ data }), createDataExport({ data }), createBulkTeams({ data }), ...timedJobs(config)],
    host: hostname(),
    logger,
    works: config.work === "on",
    queues: config.queues,
    concurrency: config.concurrency,
    queueLimit: config.queueLimit,
    drainMs: config.drainMs,
    crashLimit: config.crashLimit,
    retention: retentionOf(config),
    uploadQuotaBytes: config.uploadQuota,
  });
}

function composeHttp(
  { data }: Storage,
  { config, logger, manager }: Parts & { readonly manager: Manager },
): HttpServer {
  return createHttpServer({
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
}

const TICKER_SHARE = 0.8;

/**
 * Tickers may be endless, so they leave a fifth of the workers to others. A type's limit holds for all processes together,
 * and how many there are on PostgreSQL no process knows.
 */
const tickersAtOnce = ({ database, concurrency }: Config): { readonly concurrency?: number } =>
  database.kind === "postgres" ? {} : { concurrency: Math.max(1, Math.floor(concurrency * TICKER_SHARE)) };

const timedJobs = (config: Config): readonly AnyJobDefinition[] => [
  createTicker(tickersAtOnce(config)),
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
