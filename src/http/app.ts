// The Fastify app: guard, body parsing, errors and security headers around the routes. It listens to nothing by itself.
import { randomBytes } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { ANONYMOUS } from "../domain/access.ts";
import { PawlError } from "../domain/errors.ts";
import type { Manager } from "../engine/manager.ts";
import type { Clock } from "../ports/clock.ts";
import type { DatasetCatalog } from "../ports/datasets.ts";
import type { Logger } from "../ports/logger.ts";
import type { TeamCatalog } from "../ports/teams.ts";
import { createBodyDeadline } from "./body-deadline.ts";
import { serveDocs } from "./docs.ts";
import { createGuard } from "./guard.ts";
import { acceptJsonBodies } from "./json-body.ts";
import { createLongPolls } from "./long-poll.ts";
import { answerUnreadable, createErrorReplies } from "./problem.ts";
import type { RouteServices } from "./route-services.ts";
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
import { dataHeaders, type Headers } from "./security-headers.ts";
import { IDLE_MS } from "./silence.ts";
import { createStreamHub, type StreamHub } from "./stream.ts";
import { answerUnrouted } from "./unrouted.ts";

export interface AppOptions {
  readonly manager: Manager;
  readonly datasets: DatasetCatalog | null;
  readonly teams: TeamCatalog | null;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly allowedHosts: readonly string[];
  readonly maxUploadBytes: number;
  readonly maxStreams: number;
  readonly validateReplies: boolean;
}

export interface App {
  readonly fastify: FastifyInstance;
  readonly hub: StreamHub;
  /** From now on requests are refused with `draining`; those that wait for a job are answered. */
  refuse(): void;
}

const HEADERS_MS = 15_000;
/** Characters of an id or a file name in a path. */
const PARAM_MAX = 1_000;
/** The longest that any request may take to arrive, an upload of the greatest size included. */
const REQUEST_MS = 3_600_000;

/** Builds the app. It is complete when `fastify.ready()` resolves, which listening and injecting wait for. */
export function createApp(options: AppOptions): App {
  const { manager, clock, logger, validateReplies } = options;
  const bootId = randomBytes(6).toString("hex");
  const errors = createErrorReplies({ logger, bootId, validateReplies });
  const fastify = Fastify({
    connectionTimeout: IDLE_MS,
    requestTimeout: REQUEST_MS,
    return503OnClosing: false,
    routerOptions: { maxParamLength: PARAM_MAX },
    frameworkErrors: (error, request, reply) => errors.handle(error, request, reply),
    clientErrorHandler: answerUnreadable,
  });
  fastify.server.headersTimeout = HEADERS_MS;
  fastify.setErrorHandler(errors.handle);
  answerUnrouted(fastify);
  const deadline = createBodyDeadline(clock);
  acceptJsonBodies(fastify, deadline);
  const refuse = guardRequests(fastify, options.allowedHosts, (request) => {
    if (awaitsJson(request)) deadline.begin(request.raw);
  });
  fastify.decorateRequest("credential", "none");
  fastify.decorateRequest("auditTarget", null);
  fastify.decorateRequest("caller", { getter: () => ({ name: ANONYMOUS, scope: "admin", tokenId: null }) as const });
  const hub = createStreamHub({ manager, clock, logger, bootId, maxStreams: options.maxStreams });
  const polls = createLongPolls({ manager, clock });
  const uploads = { files: manager.files, clock, maxUploadBytes: options.maxUploadBytes };
  mountRoutes(fastify, {
    manager,
    datasets: options.datasets,
    teams: options.teams,
    hub,
    polls,
    uploads,
    clock,
    validateReplies,
  });
  return {
    fastify,
    hub,
    refuse() {
      refuse();
      polls.end();
    },
  };
}

const awaitsJson = ({ headers, routeOptions }: FastifyRequest) =>
  headers["content-type"]?.startsWith("application/json") && routeOptions.config.operation?.upload !== "one-file";

/** Every request passes here first. Headers go on before anything can fail, so that errors carry them too. */
function guardRequests(
  app: FastifyInstance,
  allowedHosts: readonly string[],
  accepted: (request: FastifyRequest) => void,
): () => void {
  let headers: Headers = {};
  app.addHook("onReady", async () => {
    headers = await dataHeaders();
  });
  const guard = createGuard(allowedHosts);
  let refusing = false;
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(headers);
    try {
      if (refusing) throw new PawlError("draining", "The server is stopping.");
      guard(request);
      accepted(request);
      done();
    } catch (error) {
      reply.header("connection", "close");
      done(error instanceof Error ? error : new Error("The request was refused.", { cause: error }));
    }
  });
  return () => {
    refusing = true;
  };
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
  serverRoutes(app, services);
  serveDocs(app);
}
