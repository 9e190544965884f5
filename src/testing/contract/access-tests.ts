// Tokens, and the sessions that they open.
import { deepEqual, equal, notEqual } from "node:assert/strict";
import type { Store, TokenRecord } from "../../ports/store.ts";
import { forEachOf, type Register } from "./context.ts";

let made = 0;

/** As many different hex digits as are asked for. */
function hex(length: number): string {
  made += 1;
  return made.toString(16).padStart(length, "0");
}

type NewToken = Parameters<Store["tokens"]["insertToken"]>[0];

const newToken = (changes: Partial<NewToken> = {}): NewToken => ({
  id: hex(12),
  name: `name-${hex(1)}`,
  scope: "operate",
  digest: hex(64),
  createdBy: "tester",
  expiresInMs: null,
  ...changes,
});

async function insertToken(store: Store, changes: Partial<NewToken> = {}): Promise<TokenRecord> {
  const result = await store.tokens.insertToken(newToken(changes));
  if (result.kind !== "inserted") throw new Error(`The name ${changes.name} is taken.`);
  return result.token;
}

const isValid = async (store: Store, id: string) => (await store.tokens.findToken(id))?.validForMs !== 0;

export function accessTests(test: Register): void {
  tokenTests(test);
  nameTests(test);
  endTests(test);
  sessionTests(test);
}

function tokenTests(test: Register): void {
  test("a token is found by its id, as it was given", async ({ store, advance }) => {
    const given = newToken({ scope: "admin", expiresInMs: 5_000 });
    const { name, scope, digest, createdBy } = given;
    const inserted = await insertToken(store, given);
    const { createdAt } = inserted;
    deepEqual(inserted, {
      ...{ id: given.id, name, scope, digest, createdBy, createdAt },
      ...{ expiresAt: createdAt + 5_000, revokedAt: null, revokedBy: null, lastUsedAt: null, validForMs: 5_000 },
    });
    await insertToken(store);
    deepEqual(await store.tokens.findToken(given.id), inserted);
    equal(await store.tokens.findToken(hex(12)), null);
    await advance(1_000);
    equal((await insertToken(store)).createdAt, createdAt + 1_000);
  });

  test("tokens are listed newest first, ended ones too", async ({ store, advance }) => {
    deepEqual(await store.tokens.tokens(), []);
    const expired = await insertToken(store, { expiresInMs: 10 });
    const revoked = await insertToken(store);
    await advance(10);
    const valid = await insertToken(store, { scope: "read" });
    await store.tokens.revokeToken(revoked.id, "ann");
    const listed = await store.tokens.tokens();
    deepEqual(
      listed.map(({ id, validForMs }) => [id, validForMs]),
      [
        [valid.id, null],
        [revoked.id, 0],
        [expired.id, 0],
      ],
    );
    deepEqual(listed[0], valid);
  });

  test("of tokens that have ended the newest thousand stay, and those that are valid", async ({ store, advance }) => {
    const idsOf = async () => (await store.tokens.tokens()).map(({ id }) => id);
    const valid = await insertToken(store);
    await forEachOf(Array.from({ length: 1_003 }), () => insertToken(store, { expiresInMs: 10 }));
    const before = await idsOf();
    await advance(10);
    const last = await insertToken(store);
    deepEqual(await idsOf(), [last.id, ...before.slice(0, 1_000), valid.id]);
  });

  test("that a token was ever made stays known when it has ended", async ({ store, advance }) => {
    equal(await store.tokens.hasTokens(), false);
    const revoked = await insertToken(store, { expiresInMs: 10 });
    equal(await store.tokens.hasTokens(), true);
    await store.tokens.revokeToken(revoked.id, "ann");
    await advance(100);
    equal(await store.tokens.hasTokens(), true);
  });

  test("a use is noted of the tokens that were used", async ({ store, advance }) => {
    const [used, other] = [await insertToken(store), await insertToken(store)];
    await advance(500);
    await store.tokens.touchTokens([used.id, hex(12)]);
    await store.tokens.touchTokens([]);
    deepEqual(await store.tokens.findToken(used.id), { ...used, lastUsedAt: used.createdAt + 500 });
    deepEqual(await store.tokens.findToken(other.id), other);
  });
}

function nameTests(test: Register): void {
  test("the name of a valid token is taken, and nothing is stored", async ({ store }) => {
    const first = await insertToken(store, { name: "ada" });
    deepEqual(await store.tokens.insertToken(newToken({ name: "ada" })), { kind: "name_taken" });
    deepEqual(await store.tokens.tokens(), [first]);
    await insertToken(store, { name: "Ada" });
  });

  test("the name of a token that has ended is free again", async ({ store, advance }) => {
    const revoked = await insertToken(store, { name: "ada" });
    await store.tokens.revokeToken(revoked.id, "ann");
    await insertToken(store, { name: "ada", expiresInMs: 1_000 });
    await advance(999);
    deepEqual(await store.tokens.insertToken(newToken({ name: "ada" })), { kind: "name_taken" });
    await advance(1);
    await insertToken(store, { name: "ada" });
    deepEqual(await store.tokens.insertToken(newToken({ name: "ada" })), { kind: "name_taken" });
  });

  test("of inserts of one name at the same time one wins", async ({ store }) => {
    const results = await Promise.all(
      Array.from({ length: 20 }, () => store.tokens.insertToken(newToken({ name: "ada" }))),
    );
    const [inserted] = results.flatMap((result) => (result.kind === "inserted" ? [result.token] : []));
    equal(results.filter((result) => result.kind === "name_taken").length, 19);
    deepEqual(await store.tokens.tokens(), [inserted]);
  });
}

function endTests(test: Register): void {
  test("a token is valid for as long as it was made for, and not a moment longer", async ({ store, advance }) => {
    const { id } = await insertToken(store, { expiresInMs: 1_000 });
    await advance(400);
    equal((await store.tokens.findToken(id))?.validForMs, 600);
    await advance(599);
    equal((await store.tokens.findToken(id))?.validForMs, 1);
    await advance(1);
    equal((await store.tokens.findToken(id))?.validForMs, 0);
    await advance(1_000);
    equal((await store.tokens.findToken(id))?.validForMs, 0);
  });

  test("revoking ends a token, and revoking it again keeps who did it first, and when", async ({ store, advance }) => {
    const [token, other] = [await insertToken(store, { expiresInMs: 90_000 }), await insertToken(store)];
    await advance(100);
    const revoked = await store.tokens.revokeToken(token.id, "ann");
    deepEqual(revoked, { ...token, revokedAt: token.createdAt + 100, revokedBy: "ann", validForMs: 0 });
    await advance(100);
    deepEqual(await store.tokens.revokeToken(token.id, "bob"), revoked);
    deepEqual(await store.tokens.findToken(token.id), revoked);
    equal(await store.tokens.revokeToken(hex(12), "ann"), null);
    equal(await isValid(store, other.id), true);
  });
}

function sessionTests(test: Register): void {
  test("a session is found by its digest until it ends", async ({ store, advance }) => {
    const { id: tokenId, createdAt } = await insertToken(store);
    const [digest, other] = [hex(64), hex(64)];
    const session = await store.sessions.insertSession({ digest, tokenId, keepMs: 1_000 });
    deepEqual(session, { tokenId, expiresAt: createdAt + 1_000, validForMs: 1_000 });
    await store.sessions.insertSession({ digest: other, tokenId, keepMs: 3_000 });
    await advance(999);
    deepEqual(await store.sessions.findSession(digest), { ...session, validForMs: 1 });
    equal(await store.sessions.findSession(hex(64)), null);
    await advance(1);
    equal(await store.sessions.findSession(digest), null);
    await store.sessions.insertSession({ digest: hex(64), tokenId, keepMs: 1_000 });
    equal((await store.sessions.findSession(other))?.validForMs, 2_000);
  });

  test("a session that is removed has ended, and no other has", async ({ store }) => {
    const { id: tokenId } = await insertToken(store);
    const [digest, other] = [hex(64), hex(64)];
    for (const each of [digest, other]) await store.sessions.insertSession({ digest: each, tokenId, keepMs: 1_000 });
    await store.sessions.removeSession(digest);
    await store.sessions.removeSession(digest);
    equal(await store.sessions.findSession(digest), null);
    notEqual(await store.sessions.findSession(other), null);
  });

  test("sessions end with their token when it is revoked", async ({ store }) => {
    const [token, other] = [await insertToken(store), await insertToken(store)];
    const [mine, others] = [hex(64), hex(64)];
    await store.sessions.insertSession({ digest: mine, tokenId: token.id, keepMs: 1_000 });
    await store.sessions.insertSession({ digest: others, tokenId: other.id, keepMs: 1_000 });
    await store.tokens.revokeToken(token.id, "ann");
    equal(await store.sessions.findSession(mine), null);
    equal((await store.sessions.findSession(others))?.tokenId, other.id);
  });

  test("of one token's sessions a thousand stay, those that end last", async ({ store, advance }) => {
    const [token, other] = [await insertToken(store), await insertToken(store)];
    const digests = Array.from({ length: 1_003 }, () => hex(64));
    const insert = (digest: string, tokenId: string) =>
      store.sessions.insertSession({ digest, tokenId, keepMs: 60_000 });
    const others = hex(64);
    await insert(others, other.id);
    await Promise.all(digests.slice(0, 3).map((digest) => insert(digest, token.id)));
    await advance(1);
    await forEachOf(digests.slice(3), (digest) => insert(digest, token.id));
    const found = await forEachOf(digests, (digest) => store.sessions.findSession(digest));
    deepEqual([found.slice(0, 3), found.slice(3).includes(null)], [[null, null, null], false]);
    notEqual(await store.sessions.findSession(others), null);
  });
}
