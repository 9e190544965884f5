// The Fastify app: entrance, body parsing, errors and audit around the routes. It listens to nothing by itself.
import { randomBytes } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import type { Manager } from "../engine/manager.ts";
import type { Clock } from "../ports/clock.ts";
import type { DatasetCatalog } from "../ports/datasets.ts";
import type { Logger } from "../ports/logger.ts";
import type { TeamCatalog } from "../ports/teams.ts";
import { createAuditTrail } from "./access/audit-trail.ts";
import { createGate } from "./access/gate.ts";
import type { Auth } from "./access/requirement.ts";
import { createTrustedProxies, type TrustedProxies } from "./access/trusted-proxies.ts";
import { createBodyDeadline } from "./body-deadline.ts";
import { wantsConfirmation } from "./compat/changing-get.ts";
import { compatRoutes } from "./compat/compat-routes.ts";
import type { CompatOptions } from "./compat/compat-services.ts";
import { serveDashboard } from "./dashboard.ts";
import { serveDocs } from "./docs.ts";
import { openEntrance } from "./entrance.ts";
import { acceptJsonBodies } from "./json-body.ts";
import { createLongPolls } from "./long-poll.ts";
import { answerUnreadable, createErrorReplies, type ErrorReplies } from "./problem.ts";
import type { RouteServices } from "./route-services.ts";
import { accessRoutes } from "./routes/access.ts";
import { catalogRoutes } from "./routes/catalog.ts";
import { controlRoutes } from "./routes/control.ts";
import { figureRoutes } from "./routes/figures.ts";
import { fileRoutes } from "./routes/files.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { queueRoutes } from "./routes/queues.ts";
import { recordRoutes } from "./routes/records.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { serverRoutes } from "./routes/server.ts";
import { streamRoutes } from "./routes/streams.ts";
import { IDLE_MS } from "./silence.ts";
import { createStreamHub, type StreamHub } from "./stream.ts";
import { answerUnrouted } from "./unrouted.ts";

export interface AppOptions {
  readonly manager: Manager;
  readonly datasets: DatasetCatalog | null;
  readonly teams: TeamCatalog | null;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Whether only programs of this machine reach the listener. */
  readonly loopback: boolean;
  readonly auth: Auth;
  readonly trustedProxies: readonly string[];
  readonly ratePerSecond: number;
  readonly allowedHosts: readonly string[];
  readonly maxUploadBytes: number;
  readonly maxConnections: number;
  readonly maxStreams: number;
  readonly maxStreamsPerPeer: number;
  readonly compat: CompatOptions | null;
  readonly validateReplies: boolean;
}

export interface App {
  readonly fastify: FastifyInstance;
  readonly hub: StreamHub;
  /** From now on requests are refused with `draining`; those that wait for a job are answered. */
  refuse(): void;
  /** Call it when the last request is answered: writes what the audit has only counted so far. */
  finish(): Promise<void>;
}

const HEADERS_MS = 15_000;
const HEADERS_CHECK_MS = 5_000;
/** Characters of an id or a file name in a path. */
const PARAM_MAX = 1_000;
/** The longest that any request may take to arrive, an upload of the greatest size included. */
const REQUEST_MS = 3_600_000;

/** Builds the app. It is complete when `fastify.ready()` resolves, which listening and injecting wait for. */
export function createApp(options: AppOptions): App {
  const { manager, clock, logger, validateReplies } = options;
  const { access } = manager;
  const bootId = randomBytes(6).toString("hex");
  const errors = createErrorReplies({ logger, bootId, validateReplies });
  const proxies = createTrustedProxies(options.trustedProxies);
  const fastify = createFastify(options, proxies, (error, request, reply) => {
    entrance.dress(reply);
    errors.handle(error, request, reply);
  });
  fastify.setErrorHandler(errors.handle);
  const refuseUnrouted = answerUnrouted(fastify);
  const deadline = createBodyDeadline(clock);
  acceptJsonBodies(fastify, deadline);
  const gate = createGate({ ...options, access, proxies, mayAsk: wantsConfirmation });
  const trail = createAuditTrail({ access, clock, logger });
  const entrance = openEntrance(fastify, { ...options, proxies, gate, trail, refuseUnrouted }, (request) => {
    if (awaitsJson(request)) deadline.begin(request.raw);
  });
  const hub = createStreamHub({ ...options, bootId, gate });
  const polls = createLongPolls({ manager, clock, gate });
  const uploads = { files: manager.files, clock, maxUploadBytes: options.maxUploadBytes };
  const services: RouteServices = {
    manager,
    datasets: options.datasets,
    teams: options.teams,
    gate,
    hub,
    polls,
    uploads,
    clock,
    validateReplies,
  };
  mountRoutes(fastify, services);
  if (options.compat) {
    compatRoutes(fastify, { ...services, compat: options.compat, bodyDeadline: deadline, loopback: options.loopback });
  }
  return {
    fastify,
    hub,
    refuse() {
      entrance.close();
      polls.end();
    },
    finish: trail.flush,
  };
}

const awaitsJson = ({ headers, routeOptions }: FastifyRequest) =>
  headers["content-type"]?.trim().toLowerCase().startsWith("application/json") &&
  routeOptions.config.operation?.upload !== "one-file";

/** `onUnreadable`: a path that cannot even be read reaches no hook. */
function createFastify(
  { maxConnections }: AppOptions,
  proxies: TrustedProxies,
  onUnreadable: ErrorReplies["handle"],
): FastifyInstance {
  const fastify = Fastify({
    connectionTimeout: IDLE_MS,
    requestTimeout: REQUEST_MS,
    return503OnClosing: false,
    trustProxy: proxies.configured && proxies.trusts,
    routerOptions: { maxParamLength: PARAM_MAX },
    frameworkErrors: onUnreadable,
    clientErrorHandler: answerUnreadable,
    // The guard refuses it, in the form of all refusals. Unread headers are looked for often: a time-out ends no sooner.
    http: { requireHostHeader: false, connectionsCheckingInterval: HEADERS_CHECK_MS },
  });
  fastify.server.headersTimeout = HEADERS_MS;
  fastify.server.maxConnections = maxConnections;
  // An expectation that nobody knows may be passed over.
  fastify.server.on("checkExpectation", (request, reply) => fastify.server.emit("request", request, reply));
  return fastify;
}

function mountRoutes(app: FastifyInstance, services: RouteServices): void {
  jobRoutes(app, services);
  controlRoutes(app, services);
  recordRoutes(app, services);
  fileRoutes(app, services);
  catalogRoutes(app, services);
  queueRoutes(app, services);
  scheduleRoutes(app, services);
  figureRoutes(app, services);
  streamRoutes(app, services);
  accessRoutes(app, services);
  serverRoutes(app, services);
  serveDocs(app);
  serveDashboard(app);
}
