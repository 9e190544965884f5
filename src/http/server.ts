// The HTTP server over a manager: listens, and stops without breaking off what is under way.
import type { FastifyInstance } from "fastify";
import { PawlError } from "../domain/errors.ts";
import type { Manager } from "../engine/manager.ts";
import { silentLogger } from "../engine/silent-logger.ts";
import { systemClock } from "../engine/system-clock.ts";
import type { Clock } from "../ports/clock.ts";
import type { DatasetCatalog } from "../ports/datasets.ts";
import type { Logger } from "../ports/logger.ts";
import type { TeamCatalog } from "../ports/teams.ts";
import { type App, createApp } from "./app.ts";

export interface HttpServerOptions {
  readonly manager: Manager;
  /** The data that the jobs made. Default: none is served. */
  readonly datasets?: DatasetCatalog | null;
  /** The teams that the jobs made. Default: none are served. */
  readonly teams?: TeamCatalog | null;
  /** A loopback address or `localhost`: without credentials nothing else is listened on. Default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Default: silent. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Names besides IP addresses and `localhost` that a Host header may have. */
  readonly allowedHosts?: readonly string[];
  /** Of one file. Default 1 GiB. */
  readonly maxUploadBytes?: number;
  /** Live streams at once. Default 1,000. */
  readonly maxStreams?: number;
  /** How long `close` waits for requests under way, in ms. Default 5,000. */
  readonly closeGraceMs?: number;
  /** Checks every reply against the contract. For tests: slow. */
  readonly validateReplies?: boolean;
}

export interface HttpServer {
  /** Rejects when the port is taken. */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  /** Ends live streams, lets requests under way finish, and cuts off what is left. May come twice. */
  close(): Promise<void>;
  readonly app: FastifyInstance;
}

const DEFAULTS = {
  clock: systemClock,
  datasets: null,
  teams: null,
  host: "127.0.0.1",
  logger: silentLogger,
  allowedHosts: [],
  maxUploadBytes: 1024 ** 3,
  maxStreams: 1_000,
  closeGraceMs: 5_000,
  validateReplies: false,
} as const;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * Creates the server. It serves nothing before `listen`.
 *
 * @example
 * const server = createHttpServer({ manager, port: 8080 });
 * const { url } = await server.listen();
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const settings = { ...DEFAULTS, ...options };
  const { host, port } = settings;
  if (!LOOPBACK.test(host)) {
    throw new PawlError(
      "invalid_config",
      `"${host}" is not a loopback address. Anybody could call: listen on 127.0.0.1.`,
    );
  }
  const app = createApp(settings);
  let closing: Promise<void> | undefined;
  return {
    app: app.fastify,
    async listen() {
      await app.fastify.listen({ host, port });
      const address = app.fastify.server.address();
      const taken = typeof address === "object" && address ? address.port : port;
      return { url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`, port: taken };
    },
    close() {
      closing ??= close(app, settings.clock, settings.closeGraceMs);
      return closing;
    },
  };
}

/** A connection that was busy is idle when its request is answered; nobody but this looks. */
const IDLE_SWEEP_MS = 50;

async function close({ fastify, hub, refuse }: App, clock: Clock, graceMs: number): Promise<void> {
  refuse();
  hub.close();
  const { server } = fastify;
  const cancelGrace = clock.after(graceMs, () => server.closeAllConnections());
  let cancelSweep = () => {};
  const sweep = () => {
    server.closeIdleConnections();
    cancelSweep = clock.after(IDLE_SWEEP_MS, sweep);
  };
  sweep();
  await fastify.close();
  cancelGrace();
  cancelSweep();
}
