// Makes, lists and ends tokens: what an admin does with them, over HTTP or at the command line.
// Invariant: a secret is answered once, to its maker; the store only ever gets its digest.
import { type IssuedToken, type NewToken, SCOPES, TOKEN_NAME, type Token } from "../domain/access.ts";
import { invalidRequest, PawlError } from "../domain/errors.ts";
import { LIMITS } from "../domain/limits.ts";
import type { TokenRecord, TokenStore } from "../ports/store.ts";
import { LOCAL_ACTOR } from "./control.ts";
import type { Access } from "./manager.ts";
import { checkFields } from "./request-fields.ts";
import { checkInteger } from "./submit-checks.ts";
import { newTokenParts, secretDigest, tokenText } from "./token-text.ts";

export type Tokens = Pick<Access, "createToken" | "tokens" | "revokeToken" | "hasTokens">;

/**
 * Tokens over a store, remembering nothing.
 *
 * @example
 * const { token } = await createTokens(store.tokens).createToken({ name: "ada", scope: "operate" });
 */
export function createTokens(store: TokenStore): Tokens {
  return {
    async createToken(token, { actor = LOCAL_ACTOR } = {}) {
      checkNewToken(token);
      const parts = newTokenParts();
      const { name, scope, expiresInMs = null } = token;
      const digest = secretDigest(parts.secret);
      const result = await store.insertToken({ id: parts.id, name, scope, digest, createdBy: actor, expiresInMs });
      if (result.kind === "name_taken") throw nameTaken(name);
      return { ...toToken(result.token), token: tokenText(parts) } satisfies IssuedToken;
    },
    tokens: async () => (await store.tokens()).map(toToken),
    async revokeToken(id, { actor = LOCAL_ACTOR } = {}) {
      const token = await store.revokeToken(id, actor);
      if (!token) throw new PawlError("not_found", `There is no token "${id}". List the tokens to see their ids.`);
      return toToken(token);
    },
    hasTokens: () => store.hasTokens(),
  };
}

const NEW_TOKEN_FIELDS = ["name", "scope", "expiresInMs"] as const satisfies readonly (keyof NewToken)[];
/** Names that history and audit use for others than holders of tokens. */
const RESERVED = ["anonymous", "local", "system", "unknown", "pawl"];

function checkNewToken(token: NewToken): void {
  checkFields("A token", token, NEW_TOKEN_FIELDS);
  const { name, scope, expiresInMs = null } = token;
  if (typeof name !== "string" || !TOKEN_NAME.test(name)) {
    throw invalidRequest(
      `A token's name has 1 to 64 letters, digits and . _ - @, starting with a letter or digit; it is ${JSON.stringify(name)}.`,
    );
  }
  if (RESERVED.includes(name.toLowerCase())) {
    throw invalidRequest(`The name "${name}" means something else in history and audit. Choose another one.`);
  }
  if (!SCOPES.includes(scope)) {
    throw invalidRequest(`There is no scope ${JSON.stringify(scope)}. Scopes: ${SCOPES.join(", ")}.`);
  }
  if (expiresInMs !== null) checkInteger("expiresInMs", expiresInMs, { from: 1, to: LIMITS.tokenMs });
}

const nameTaken = (name: string) =>
  new PawlError(
    "name_taken",
    `There is a valid token "${name}" already. Revoke it, let it expire, or use another name.`,
  );

const timeOf = (at: number): string => new Date(at).toISOString();
const timeOrNull = (at: number | null): string | null => (at === null ? null : timeOf(at));

/** A token as callers see it: without the digest. */
function toToken({ id, name, scope, createdBy, revokedBy, ...times }: TokenRecord): Token {
  return {
    id,
    name,
    scope,
    createdAt: timeOf(times.createdAt),
    createdBy,
    expiresAt: timeOrNull(times.expiresAt),
    revokedAt: timeOrNull(times.revokedAt),
    revokedBy,
    lastUsedAt: timeOrNull(times.lastUsedAt),
  };
}
