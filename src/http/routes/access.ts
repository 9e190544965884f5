// Who may call, and what callers did: sessions of browsers, tokens, the audit.
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  createToken,
  endSession,
  getSession,
  listAudit,
  listTokens,
  revokeToken,
  startSession,
} from "../../api/access-operations.ts";
import type { Caller } from "../../domain/access.ts";
import { clearSession, readSession, writeSession } from "../access/session-cookie.ts";
import type { RouteServices } from "../route-services.ts";
import { serve } from "../serve.ts";

const CANNOT_SIGN_IN =
  "No one can sign in with this token: it is unknown, or has expired, or was revoked. Ask an admin for another one.";

export function accessRoutes(app: FastifyInstance, services: RouteServices): void {
  sessionRoutes(app, services);
  const { access } = services.manager;
  serve(app, listTokens, services, async () => ({ items: await access.tokens() }));
  serve(app, createToken, services, ({ body, caller }) => access.createToken(body, { actor: caller.name }));
  serve(app, revokeToken, services, ({ params, caller }) => access.revokeToken(params.id, { actor: caller.name }));
  serve(app, listAudit, services, ({ query }) => access.audit(query));
}

/** Signing in and out needs no credential, whatever the browser still has of earlier sessions. */
function sessionRoutes(app: FastifyInstance, services: RouteServices): void {
  const { access } = services.manager;

  /** Ends the session that the browser shows, and makes its holder the caller. */
  async function end(request: FastifyRequest): Promise<void> {
    const session = readSession(request);
    const resumed = session === null ? null : await access.resumeSession(session);
    if (session === null || !resumed) return;
    await access.signOut(session);
    request.caller = resumed.caller;
  }

  async function endOfToken({ tokenId }: Caller): Promise<string | null> {
    if (tokenId === null) return null;
    return (await access.tokens()).find(({ id }) => id === tokenId)?.expiresAt ?? null;
  }

  serve(app, startSession, services, async ({ body, request, reply }) => {
    const caller = await access.identify(body.token);
    if (!caller?.tokenId) throw services.gate.refuseCredential(request, reply, CANNOT_SIGN_IN);
    request.caller = caller;
    request.auditTarget = caller.tokenId;
    services.gate.countSignIn(caller.tokenId, reply);
    const signedIn = await access.signIn(body.token);
    if (!signedIn) throw services.gate.refuseCredential(request, reply, CANNOT_SIGN_IN);
    await end(request);
    request.caller = caller;
    const { expiresAt, session } = signedIn;
    writeSession(reply, session);
    return { name: caller.name, scope: caller.scope, signedIn: true, expiresAt };
  });
  serve(app, getSession, services, async ({ caller, request }) => ({
    name: caller.name,
    scope: caller.scope,
    signedIn: request.credential !== "none",
    expiresAt: request.sessionEndsAt ?? (await endOfToken(caller)),
  }));
  serve(app, endSession, services, async ({ request, reply }) => {
    // Set first, so that the browser forgets it even when the store does not answer.
    clearSession(reply);
    await end(request);
    request.auditTarget = request.caller.tokenId;
    return undefined;
  });
}
