// The cookie that stands for a session. No script can read it and no other site's request carries it; over https it also
// has the prefix that keeps other hosts of the same domain from setting it.
import fastifyCookie from "@fastify/cookie";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

const PLAIN = "pawl_session";
const SECURE = `__Host-${PLAIN}`;

const isSecure = ({ protocol }: FastifyRequest) => protocol === "https";

/** Lets `app` read and write cookies. Nothing is read before somebody asks: most requests have none. */
export const allowCookies = (app: FastifyInstance) => app.register(fastifyCookie, { hook: false });

/** The session that the request shows; `null` when there is none. */
export function readSession(request: FastifyRequest): string | null {
  const { cookie } = request.headers;
  if (cookie === undefined || !cookie.includes(PLAIN)) return null;
  return request.server.parseCookie(cookie)[isSecure(request) ? SECURE : PLAIN] || null;
}

/** Gives the browser a session, until it is closed or the server ends the session. */
export const writeSession = (reply: FastifyReply, session: string): void => setCookie(reply, session);

export const clearSession = (reply: FastifyReply): void => setCookie(reply, "", 0);

function setCookie(reply: FastifyReply, value: string, maxAge?: number): void {
  const secure = isSecure(reply.request);
  const attributes = { path: "/", httpOnly: true, sameSite: "strict", secure, maxAge } as const;
  reply.header("set-cookie", reply.server.serializeCookie(secure ? SECURE : PLAIN, value, attributes));
}
