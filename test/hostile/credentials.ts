// Everything that a caller may show of itself, valid or not, and the scope that each is good for.
import assert from "node:assert/strict";
import type { Scope } from "../../src/domain/access.ts";
import type { Manager } from "../../src/engine/manager.ts";
import { waitFor } from "../support/wait-for.ts";

export interface Shown {
  readonly name: string;
  /** `null`: for nothing. */
  readonly scope: Scope | null;
  /** The holder's name and token; `null`: nobody is known. */
  readonly actor: string | null;
  readonly tokenId: string | null;
  /** Made anew for each request, since a request may end a session. */
  headers(): Promise<Readonly<Record<string, string>>>;
}

const SCOPES: readonly Scope[] = ["read", "operate", "admin"];

/** Makes tokens and sessions of every kind. From now on nobody is let in without. */
export async function createCredentials({ access }: Manager): Promise<readonly Shown[]> {
  const bearer = (token: string) => async () => ({ authorization: `Bearer ${token}` });
  const nobody = { scope: null, actor: null, tokenId: null };
  const valid = await Promise.all(
    SCOPES.map(async (scope) => {
      const { id, token } = await access.createToken({ name: `the-${scope}`, scope });
      const holder = { scope, actor: `the-${scope}`, tokenId: id };
      return [
        { ...holder, name: `a token of ${scope}`, headers: bearer(token) },
        { ...holder, name: `a session of ${scope}`, headers: sessionOf(access, token) },
      ];
    }),
  );
  const expired = await access.createToken({ name: "expired", scope: "admin", expiresInMs: 500 });
  const revoked = await access.createToken({ name: "revoked", scope: "admin" });
  const lastSession = await access.signIn(revoked.token);
  await access.revokeToken(revoked.id);
  await waitFor(async () => (await access.identify(expired.token)) === null, { what: "a token to expire" });
  const stolen = `${revoked.token.slice(0, -43)}${"A".repeat(43)}`;
  return [
    ...valid.flat(),
    { ...nobody, name: "nothing", headers: async () => ({}) },
    { ...nobody, name: "an expired token", headers: bearer(expired.token) },
    { ...nobody, name: "a revoked token", headers: bearer(revoked.token) },
    { ...nobody, name: "a token with a guessed secret", headers: bearer(stolen) },
    { ...nobody, name: "a token that is none", headers: bearer("let-me-in") },
    { ...nobody, name: "a session of a revoked token", headers: async () => cookie(lastSession?.session ?? "") },
    { ...nobody, name: "a session that is none", headers: async () => cookie("let-me-in") },
  ];
}

/** As a page of ours sends it. */
const cookie = (session: string) => ({ cookie: `pawl_session=${session}`, "sec-fetch-site": "same-origin" });

function sessionOf(access: Manager["access"], token: string) {
  return async () => {
    const signedIn = await access.signIn(token);
    assert.ok(signedIn);
    return cookie(signedIn.session);
  };
}
