// The HTTP server over a manager: listens, and stops without breaking off what is under way.
import type { FastifyInstance } from "fastify";
import type { Token } from "../domain/access.ts";
import { PawlError } from "../domain/errors.ts";
import type { Manager } from "../engine/manager.ts";
import { silentLogger } from "../engine/silent-logger.ts";
import { systemClock } from "../engine/system-clock.ts";
import type { Clock } from "../ports/clock.ts";
import type { DatasetCatalog } from "../ports/datasets.ts";
import type { Logger } from "../ports/logger.ts";
import type { TeamCatalog } from "../ports/teams.ts";
import { isLoopback } from "./access/loopback.ts";
import type { Auth } from "./access/requirement.ts";
import { type App, createApp } from "./app.ts";
import type { CompatOptions } from "./compat/compat-services.ts";

export interface HttpServerOptions {
  readonly manager: Manager;
  /** The data that the jobs made. Default: none is served. */
  readonly datasets?: DatasetCatalog | null;
  /** The teams that the jobs made. Default: none are served. */
  readonly teams?: TeamCatalog | null;
  /** Default 127.0.0.1. Beyond loopback `listen` needs a valid token, unless `auth` is `off`. */
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
  /** Connections at once; beyond, new ones are closed at once. Default 4,000. */
  readonly maxConnections?: number;
  /** Live streams at once. Default 1,000. */
  readonly maxStreams?: number;
  /** Of one token, or of one address where none is needed. Default 100. */
  readonly maxStreamsPerPeer?: number;
  /**
   * Whether callers need a credential. `auto`, the default: when the server listens beyond loopback, or trusts a proxy, or
   * a token was ever made. `off`: never, whoever can reach the address.
   */
  readonly auth?: Auth;
  /** Addresses and networks (CIDR) of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Requests a second that a token may make; as many may come at once. Default 1,000. */
  readonly ratePerSecond?: number;
  /** Serves the five earlier APIs too. Default `null`: not. */
  readonly compat?: CompatOptions | null;
  /** How long `close` waits for requests under way, in ms. Default 5,000. */
  readonly closeGraceMs?: number;
  /** Checks every reply against the contract. For tests: slow. */
  readonly validateReplies?: boolean;
}

export interface HttpServer {
  /** Rejects when the port is taken, and with `invalid_config` when others could call and there is no token yet. */
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
  maxConnections: 4_000,
  maxStreams: 1_000,
  maxStreamsPerPeer: 100,
  auth: "auto",
  trustedProxies: [],
  ratePerSecond: 1_000,
  compat: null,
  closeGraceMs: 5_000,
  validateReplies: false,
} as const;

/**
 * Creates the server. It serves nothing before `listen`. Throws `invalid_config` for a trusted proxy that is no address.
 *
 * @example
 * const server = createHttpServer({ manager, port: 8080 });
 * const { url } = await server.listen();
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const settings = { ...DEFAULTS, ...options };
  const { host, port } = settings;
  const loopback = isLoopback(host);
  const app = createApp({ ...settings, loopback });
  let closing: Promise<void> | undefined;
  return {
    app: app.fastify,
    async listen() {
      if (!loopback && settings.auth !== "off") await requireToken(settings);
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

interface ListenSettings {
  readonly manager: Manager;
  readonly clock: Clock;
  readonly host: string;
}

/** A connection that was busy is idle when its request is answered; nobody but this looks. */
const IDLE_SWEEP_MS = 50;

async function requireToken({ manager, clock, host }: ListenSettings): Promise<void> {
  const now = clock.now();
  const isValid = ({ revokedAt, expiresAt }: Token) =>
    revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > now);
  if ((await manager.access.tokens()).some(isValid)) return;
  throw new PawlError(
    "invalid_config",
    `"${host}" can be reached from other machines, and there is no valid token that would tell callers apart. ` +
      "Make one with `manager.access.createToken`, or with `pawl tokens create --name <you> --scope admin --database <the store's file>`; or listen on 127.0.0.1; or say that auth is off.",
  );
}

async function close({ fastify, hub, refuse, finish }: App, clock: Clock, graceMs: number): Promise<void> {
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
  await finish();
}
