// Sessions: a browser signs in with a token, and from then on shows a cookie that no script and no other site can use.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpServer } from "../../src/http/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { ask } from "./access-call.ts";
import { serverFor } from "./support.ts";

const SESSION = "/api/v1/session";
const JOBS = "/api/v1/jobs";
const SUBMIT = { method: "POST", body: { type: "echo", input: {} } } as const;
const OWN_PAGE = { origin: "http://localhost", "sec-fetch-site": "same-origin" };
const CLEARED = "pawl_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict";

interface Session {
  readonly name: string;
  readonly scope: string;
  readonly signedIn: boolean;
  readonly expiresAt: string | null;
}

async function signIn(server: HttpServer, token: string, headers: Record<string, string> = OWN_PAGE) {
  const answer = await ask<Session>(server, SESSION, { method: "POST", body: { token }, headers });
  assert.equal(answer.status, 201, answer.text);
  return { ...answer, pair: answer.cookie.split(";", 1)[0] ?? "" };
}

test("a browser signs in with a token, acts, and signs out", async (t) => {
  const { server, tokens } = await serverFor(t);
  const { token } = await tokens.create("operate", { name: "ada" });
  const { body, cookie, pair } = await signIn(server, token);
  assert.deepEqual([body.name, body.scope, body.signedIn], ["ada", "operate", true]);
  assert.match(cookie, /^pawl_session=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/);
  const headers = { ...OWN_PAGE, cookie: `theme=dark; ${pair}` };
  const seen = await ask<Session>(server, SESSION, { headers });
  assert.deepEqual([seen.status, seen.body], [200, body]);
  assert.equal((await ask(server, JOBS, { ...SUBMIT, headers })).status, 201);
  assert.equal((await ask(server, "/api/v1/tokens", { headers })).code, "forbidden");

  const out = await ask(server, SESSION, { method: "DELETE", headers });
  assert.deepEqual([out.status, out.cookie], [204, CLEARED]);
  const after = await ask(server, JOBS, { headers });
  assert.deepEqual([after.status, after.code, after.cookie], [401, "unauthenticated", CLEARED]);
});

test("whoever asks is told who they are", async (t) => {
  const { server, tokens } = await serverFor(t, { auth: "off" });
  const nobody = await ask<Session>(server, SESSION);
  assert.deepEqual(nobody.body, { name: "anonymous", scope: "admin", signedIn: false, expiresAt: null });
  const { headers } = await tokens.create("read");
  const holder = await ask<Session>(server, SESSION, { headers });
  assert.deepEqual(holder.body, { name: "some-read", scope: "read", signedIn: true, expiresAt: null });
  const brief = await tokens.create("read", { name: "brief", expiresInMs: 3_600_000 });
  const shown = await ask<Session>(server, SESSION, { headers: brief.headers });
  assert.equal(shown.body.expiresAt, brief.expiresAt, "without a session it is the token's end");
});

test("nobody signs in with what is no valid token, and no cookie is set", async (t) => {
  const { server, tokens, manager } = await serverFor(t);
  const { id, token } = await tokens.create("read");
  await manager.access.revokeToken(id);
  for (const wrong of [token, "x", `${token}0`]) {
    const answer = await ask(server, SESSION, { method: "POST", body: { token: wrong } });
    assert.deepEqual(
      [answer.code, answer.cookie, answer.headers["www-authenticate"]],
      ["unauthenticated", "", "Bearer"],
    );
  }
});

test("a page of another site cannot sign a browser in, or out", async (t) => {
  const { server, tokens } = await serverFor(t);
  const { token } = await tokens.create("admin");
  const { pair } = await signIn(server, token);
  const foreign: Record<string, string>[] = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "http://evil.com" },
    { origin: "http://localhost:3000" },
    { origin: "null" },
  ];
  for (const headers of foreign) {
    const into = await ask(server, SESSION, { method: "POST", body: { token }, headers });
    assert.deepEqual([into.status, into.cookie], [403, ""]);
    const out = await ask(server, SESSION, { method: "DELETE", headers: { ...headers, cookie: pair } });
    assert.deepEqual([out.status, out.cookie], [403, ""]);
  }
  assert.equal((await ask(server, JOBS, { headers: { cookie: pair } })).status, 200);
  const form = await server.app.inject({
    method: "POST",
    url: SESSION,
    headers: { host: "localhost", "content-type": "text/plain" },
    payload: JSON.stringify({ token }),
  });
  assert.equal(form.statusCode, 415);
});

test("a change by a session needs a browser that says which page it is from", async (t) => {
  const { server, tokens } = await serverFor(t);
  const { pair } = await signIn(server, (await tokens.create("operate")).token);
  const change = (headers: Record<string, string>) =>
    ask(server, JOBS, { ...SUBMIT, headers: { cookie: pair, ...headers } });
  assert.equal((await change({})).code, "forbidden");
  assert.equal((await change({ "sec-fetch-site": "cross-site" })).code, "forbidden");
  assert.equal((await change({ origin: "http://evil.com" })).code, "forbidden");
  assert.equal((await change({ "sec-fetch-site": "same-origin" })).status, 201);
  assert.equal((await change({ origin: "http://localhost" })).status, 201);
  assert.equal((await ask(server, JOBS, { headers: { cookie: pair } })).status, 200, "looking is no change");
});

test("where no credential is needed a session that has ended is nobody's; one that has not is its holder's", async (t) => {
  const { server, tokens, manager } = await serverFor(t, { auth: "off" });
  const { id, token } = await tokens.create("read");
  const { pair } = await signIn(server, token);
  const headers = { cookie: pair, ...OWN_PAGE };
  assert.equal((await ask(server, JOBS, { ...SUBMIT, headers })).code, "forbidden");
  await manager.access.revokeToken(id);
  assert.equal((await ask(server, JOBS, { ...SUBMIT, headers })).status, 201);
  assert.equal((await ask<Session>(server, SESSION, { headers })).body.name, "anonymous");
});

test("a session ends with its token, and after half a day", async (t) => {
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const { server, tokens, manager } = await serverFor(t, { clock }, { clock });
  const [first, second] = [await tokens.create("read"), await tokens.create("operate")];
  const { pair } = await signIn(server, first.token);
  const other = await signIn(server, second.token);
  assert.equal(other.body.expiresAt, "2026-01-01T12:00:00.000Z");
  await manager.access.revokeToken(first.id);
  assert.equal((await ask(server, JOBS, { headers: { cookie: pair } })).status, 401);
  assert.equal((await ask(server, JOBS, { headers: { cookie: other.pair } })).status, 200);
  clock.advance(12 * 3_600_000);
  assert.equal((await ask(server, JOBS, { headers: { cookie: other.pair } })).status, 401);
});

test("of a header and a cookie the header counts", async (t) => {
  const { server, tokens } = await serverFor(t);
  const [read, admin] = [await tokens.create("read"), await tokens.create("admin")];
  const { pair } = await signIn(server, admin.token);
  const both = { cookie: pair, ...OWN_PAGE, ...read.headers };
  assert.equal((await ask(server, JOBS, { ...SUBMIT, headers: both })).code, "forbidden");
  const wrong = { cookie: pair, authorization: "Bearer pawl_nonsense" };
  assert.equal((await ask(server, JOBS, { headers: wrong })).code, "unauthenticated");
});

test("signing in and out works whatever the browser still shows, and ends the session before", async (t) => {
  const { server, tokens } = await serverFor(t);
  const { token } = await tokens.create("read");
  for (const cookie of ["pawl_session=0000", "pawl_session=", "pawl_session=%00%zz", "__proto__=1; pawl_session=x"]) {
    const { pair } = await signIn(server, token, { ...OWN_PAGE, cookie });
    assert.equal((await ask(server, JOBS, { headers: { cookie: pair } })).status, 200);
    const out = await ask(server, SESSION, { method: "DELETE", headers: { cookie } });
    assert.deepEqual([out.status, out.cookie], [204, CLEARED]);
  }
  const before = await signIn(server, token);
  await signIn(server, token, { ...OWN_PAGE, cookie: before.pair });
  assert.equal((await ask(server, JOBS, { headers: { cookie: before.pair } })).status, 401);
});

test("over https the cookie goes over https only, and no other host can set it", async (t) => {
  const { server, tokens } = await serverFor(t, { trustedProxies: ["127.0.0.1"], allowedHosts: ["jobs.example.com"] });
  const { token } = await tokens.create("operate");
  const proxied = {
    "x-forwarded-proto": "https",
    "x-forwarded-host": "jobs.example.com",
    origin: "https://jobs.example.com",
  };
  const { cookie, pair } = await signIn(server, token, proxied);
  assert.match(cookie, /^__Host-pawl_session=[0-9a-f]{64}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  assert.equal((await ask(server, JOBS, { ...SUBMIT, headers: { ...proxied, cookie: pair } })).status, 201);
  const withoutPrefix = pair.replace("__Host-", "");
  assert.equal((await ask(server, JOBS, { headers: { ...proxied, cookie: withoutPrefix } })).status, 401);
  const out = await ask(server, SESSION, { method: "DELETE", headers: { ...proxied, cookie: pair } });
  assert.equal(out.cookie, `__Host-${CLEARED.replace("HttpOnly", "HttpOnly; Secure")}`);
});
