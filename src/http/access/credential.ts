// What a request shows of who sent it: a token in its Authorization header, or else the cookie of a session. A token in an
// address would end up in logs and histories, so there it is refused.
import type { FastifyRequest } from "fastify";
import { invalidRequest } from "../../domain/errors.ts";
import { readSession } from "./session-cookie.ts";

export type Credential =
  | { readonly kind: "none" }
  /** `null`: what the header holds is no token at all. */
  | { readonly kind: "header"; readonly token: string | null }
  | { readonly kind: "session"; readonly session: string };

const NONE: Credential = { kind: "none" };
/** Longer ones are no tokens of ours: nothing looks at them. */
const SHOWN_MAX = 200;

export function readCredential(request: FastifyRequest): Credential {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    refuseRepeated(request.raw.rawHeaders);
    const [, token = null] = /^Bearer +(pawl_[\x21-\x7e]+)$/i.exec(authorization) ?? [];
    return { kind: "header", token: token !== null && token.length <= SHOWN_MAX ? token : null };
  }
  const session = readSession(request);
  return session === null ? NONE : { kind: "session", session: session.slice(0, SHOWN_MAX) };
}

/** Of a repeated header only the first is kept; what stands in between may have looked at another. */
function refuseRepeated(rawHeaders: readonly string[]): void {
  const times = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "authorization").length;
  if (times > 1) throw invalidRequest("The request has the header Authorization more than once. Send it once.");
}

const IN_QUERY = new Set(["token", "access_token", "api_key", "apikey", "authorization"]);

/** Refuses a credential in the address, and does not repeat it. */
export function refuseTokenInQuery({ url, query }: Pick<FastifyRequest, "url" | "query">): void {
  if (!url.includes("?")) return;
  for (const name of Object.keys(Object(query))) {
    if (IN_QUERY.has(name.toLowerCase())) {
      throw invalidRequest(
        `Credentials do not belong in an address, where logs and histories keep them: remove "${name}", and send the header Authorization: Bearer instead. Whoever may have seen that token can use it: revoke it.`,
      );
    }
  }
}
