// Where every request comes in, before anything of its body is read, and where every reply goes out. Headers go on before
// anything can fail, so that errors carry them too; nothing goes out before the audit has it.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { PawlError } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { AuditTrail } from "./access/audit-trail.ts";
import { type Gate, NOBODY } from "./access/gate.ts";
import { allowCookies } from "./access/session-cookie.ts";
import type { TrustedProxies } from "./access/trusted-proxies.ts";
import { refuseUnsafeGet } from "./compat/changing-get.ts";
import { createConnections } from "./connections.ts";
import { createGuard } from "./guard.ts";
import { dataHeaders, type Headers, HSTS } from "./security-headers.ts";
import { passLeftover } from "./upload.ts";

export interface EntranceOptions {
  readonly allowedHosts: readonly string[];
  readonly proxies: TrustedProxies;
  readonly gate: Gate;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  /** What is answered to a request for a path, or with a method, that is not served. */
  readonly refuseUnrouted: (request: FastifyRequest, reply: FastifyReply) => PawlError;
}

export interface Entrance {
  /** Puts on the headers that every reply has, where no hook did: before a path could even be read. */
  dress(reply: FastifyReply): void;
  /** From now on requests are refused with `draining`. */
  close(): void;
}

/** Puts the hooks on `app`; `arrived` hears of each request whose body may be read. */
export function openEntrance(
  app: FastifyInstance,
  options: EntranceOptions,
  arrived: (request: FastifyRequest) => void,
): Entrance {
  const { proxies, gate, trail, clock, refuseUnrouted } = options;
  const guard = createGuard(options);
  const connections = createConnections();
  let headers: Headers = {};
  let closed = false;
  declareProperties(app);
  void allowCookies(app);
  app.addHook("onReady", async () => {
    headers = await dataHeaders();
  });

  async function refuse(request: FastifyRequest, reply: FastifyReply, cause: unknown): Promise<Error> {
    reply.header("connection", "close");
    if (hasBody(request)) await passLeftover(request, reply, clock);
    return cause instanceof Error ? cause : new Error("The request was refused.", { cause });
  }

  app.addHook("onRequest", (request, reply, done) => {
    if (!connections.enter(request, reply)) return;
    reply.headers(headers);
    if (proxies.configured && request.protocol === "https") reply.headers(HSTS);
    request.caller = NOBODY;
    const turnAway = (error: unknown) => void refuse(request, reply, error).then(done);
    const letIn = () => {
      if (!request.is404) return done();
      // Before a body is read that nobody asked for.
      turnAway(refuseUnrouted(request, reply));
    };
    try {
      if (closed) throw new PawlError("draining", "The server is stopping.");
      guard(request);
      refuseUnsafeGet(request);
      arrived(request);
      const admitted = gate.admit(request, reply);
      if (admitted) return void admitted.then(letIn, turnAway);
    } catch (error) {
      return turnAway(error);
    }
    letIn();
  });

  app.addHook("onSend", (request, reply, payload, done) => {
    const noted = trail.note(request, reply);
    const goOut = () => {
      const refused = connections.send(reply, payload);
      if (refused) done(refused);
      else done(null, payload);
    };
    if (noted) void noted.then(goOut);
    else goOut();
  });

  return {
    dress: (reply) => void reply.headers(headers),
    close() {
      closed = true;
    },
  };
}

/** Told to Fastify in advance, so that all requests have one shape. */
function declareProperties(app: FastifyInstance): void {
  app.decorateRequest("caller");
  app.decorateRequest("credential", "none");
  app.decorateRequest("sessionEndsAt", null);
  app.decorateRequest("admitted", false);
  app.decorateRequest("mayOnlyAsk", false);
  app.decorateRequest("auditTarget", null);
  app.decorateRequest("unchanged", false);
  app.decorateRequest("refusal", null);
}

const hasBody = ({ headers }: FastifyRequest) =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
