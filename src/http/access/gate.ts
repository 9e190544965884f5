// Lets a request in or not, before anything of its body is read: who calls, whether that is enough, and not too often.
// Whoever shows a credential is taken for its holder and nothing more, even where none is needed.
import type { FastifyReply, FastifyRequest } from "fastify";
import { isChange, type Operation } from "../../api/operation.ts";
import { health, readiness } from "../../api/server-operations.ts";
import { ANONYMOUS, type Caller } from "../../domain/access.ts";
import { PawlError } from "../../domain/errors.ts";
import type { Access } from "../../engine/manager.ts";
import type { Clock } from "../../ports/clock.ts";
import { readCredential, refuseTokenInQuery } from "./credential.ts";
import { createMinuteCounts, createTokenRates, FAILURES_MAX, networkOf, SIGN_INS_MAX } from "./rate-limits.ts";
import { type Auth, createRequirement } from "./requirement.ts";
import { checkScope } from "./scope.ts";
import { clearSession } from "./session-cookie.ts";
import { addressOf, hasProxyHeaders, refuseProxyHeaders, type TrustedProxies } from "./trusted-proxies.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** A page for people, which tells nothing that the public documentation does not. */
    readonly page?: true;
  }
  interface FastifyRequest {
    /** When the session ends that the caller is known by. */
    sessionEndsAt: string | null;
  }
}

export interface Gate {
  /**
   * Sets `request.caller`, or refuses: `unauthenticated`, `forbidden`, `rate_limited`, `invalid_request`. Throws or
   * answers at once where nothing has to be looked up, so that a caller of this machine costs next to nothing.
   */
  admit(request: FastifyRequest, reply: FastifyReply): void | Promise<void>;
  /** What to answer to a credential that is not valid. Counts it: an address that is wrong too often has to wait. */
  refuseCredential(request: FastifyRequest, reply: FastifyReply, message: string): PawlError;
  /** Counts a sign-in with a token. Throws `rate_limited` when there were too many. */
  countSignIn(tokenId: string, reply: FastifyReply): void;
  /** Calls `onEnd` once, soon after the caller would not be let in any more. Returns how to stop that. */
  watch(caller: Caller, onEnd: () => void): () => void;
}

export interface GateOptions {
  readonly access: Pick<Access, "identify" | "resumeSession" | "watch" | "hasTokens">;
  readonly clock: Clock;
  readonly auth: Auth;
  readonly loopback: boolean;
  readonly proxies: TrustedProxies;
  readonly ratePerSecond: number;
  /** Whether the request is answered by a page that only asks, whoever sent it. Then it gets `mayOnlyAsk`. */
  readonly mayAsk: (request: FastifyRequest) => boolean;
}

/** Who calls as long as that is not known, and where nobody asks. */
export const NOBODY: Caller = Object.freeze({ name: ANONYMOUS, scope: "read", tokenId: null });
/** Who calls where no credential is needed and none was shown. */
const ANYBODY: Caller = Object.freeze({ name: ANONYMOUS, scope: "admin", tokenId: null });

const NOT_VALID =
  "The token is not valid: it is unknown, or has expired, or was revoked. Ask an admin for another one.";
const NO_TOKEN = 'The header Authorization has to be "Bearer" and a token, which begins with pawl_.';
const NOTHING_SHOWN =
  "This server tells callers apart: send the header Authorization: Bearer with a token, or sign in with one (POST /api/v1/session). Admins make tokens, and so does `pawl tokens create` on the server's machine.";
const SESSION_ENDED = "The session has ended. Sign in again.";

export function createGate({ access, clock, ratePerSecond, mayAsk, ...options }: GateOptions): Gate {
  const { proxies } = options;
  const requirement = createRequirement({ ...options, access, clock });
  const rates = createTokenRates(ratePerSecond, clock);
  const failures = createMinuteCounts(FAILURES_MAX, clock);
  const signIns = createMinuteCounts(SIGN_INS_MAX, clock);

  function refuseCredential(request: FastifyRequest, reply: FastifyReply, message: string): PawlError {
    const waitMs = failures.count(networkOf(addressOf(request) ?? ""));
    if (waitMs === 0) return new PawlError("unauthenticated", message);
    reply.header("retry-after", Math.ceil(waitMs / 1_000));
    return new PawlError(
      "rate_limited",
      "Too many credentials from this address were not valid. Wait a minute; a valid one is still taken.",
    );
  }

  async function enterByHeader(request: FastifyRequest, reply: FastifyReply, token: string | null): Promise<void> {
    const caller = token === null ? null : await access.identify(token);
    if (!caller) throw refuseCredential(request, reply, token === null ? NO_TOKEN : NOT_VALID);
    request.credential = "header";
    enter(request, caller);
  }

  async function enterBySession(
    request: FastifyRequest,
    reply: FastifyReply,
    { session, needed }: { readonly session: string; readonly needed: boolean },
  ): Promise<void> {
    const resumed = await access.resumeSession(session);
    if (!resumed) {
      if (needed) clearSession(reply);
      return enterUnknown(request, needed, SESSION_ENDED);
    }
    request.credential = "session";
    request.sessionEndsAt = resumed.expiresAt;
    enter(request, resumed.caller);
    refuseBlindChange(request);
  }

  function enterUnknown(request: FastifyRequest, needed: boolean, message: string): void {
    if (!needed) enter(request, ANYBODY);
    else if (mayAsk(request)) request.mayOnlyAsk = true;
    else throw new PawlError("unauthenticated", message);
  }

  function enter(request: FastifyRequest, caller: Caller): void {
    request.caller = caller;
    if (caller.tokenId !== null) rates.take(caller.tokenId);
    const { operation } = request.routeOptions.config;
    const scope = scopeNeeded(request);
    if (scope !== "public")
      checkScope(caller, scope, operation ? `${operation.method} ${operation.path}` : "This path");
  }

  function decide(request: FastifyRequest, reply: FastifyReply, needed: boolean): void | Promise<void> {
    if (!needed && !proxies.trusts(request.raw.socket.remoteAddress)) refuseProxyHeaders(request.headers);
    if (scopeNeeded(request) === "public") return;
    const credential = readCredential(request);
    switch (credential.kind) {
      case "none":
        return enterUnknown(request, needed, NOTHING_SHOWN);
      case "header":
        return enterByHeader(request, reply, credential.token);
      case "session":
        return enterBySession(request, reply, { session: credential.session, needed });
    }
  }

  return {
    admit(request, reply) {
      refuseTokenInQuery(request);
      // What is public is answered even when the store, which knows the tokens, is not. A balancer's health checks may
      // come with headers of a proxy.
      if (scopeNeeded(request) === "public" && (isHealthCheck(request) || !hasProxyHeaders(request.headers))) return;
      const needed = requirement.needed();
      if (typeof needed === "boolean") return decide(request, reply, needed);
      return needed.then((known) => decide(request, reply, known));
    },
    refuseCredential,
    countSignIn(tokenId, reply) {
      const waitMs = signIns.count(tokenId);
      if (waitMs === 0) return;
      reply.header("retry-after", Math.ceil(waitMs / 1_000));
      throw new PawlError(
        "rate_limited",
        `More than ${SIGN_INS_MAX} sessions were started with this token in a minute, its limit. Wait, or use one of them.`,
      );
    },
    watch: (caller, onEnd) => (caller.tokenId === null ? requirement.watch(onEnd) : access.watch(caller, onEnd)),
  };
}

const HEALTH_CHECKS: readonly (string | undefined)[] = [health.id, readiness.id];
const isHealthCheck = ({ routeOptions: { config } }: FastifyRequest) => HEALTH_CHECKS.includes(config.operation?.id);

/** A route that says nothing of itself is for admins. What is not served tells no more than the documentation. */
function scopeNeeded({ routeOptions: { config }, is404 }: FastifyRequest): Operation["scope"] {
  return config.operation?.scope ?? (config.page || is404 ? "public" : "admin");
}

const SAFE_METHODS = new Set(["GET", "HEAD"]);

/**
 * A browser that says neither where a request came from nor which page sent it leaves only the cookie's own SameSite, and
 * one so old may not know that. GETs that change something ask the person instead.
 */
function refuseBlindChange({ headers, method, routeOptions: { config } }: FastifyRequest): void {
  if (SAFE_METHODS.has(method) || !config.operation || !isChange(config.operation)) return;
  if (headers["sec-fetch-site"] !== undefined || headers.origin !== undefined) return;
  throw new PawlError(
    "forbidden",
    "A change by a session needs the header Sec-Fetch-Site or Origin, which browsers send. Programs send a token in Authorization.",
  );
}
