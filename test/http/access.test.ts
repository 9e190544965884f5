// Who is let in: tokens, their scopes, and what becomes of those who were let in when their token ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SCOPES, type Token } from "../../src/domain/access.ts";
import { createHttpServer } from "../../src/http/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { ask } from "./access-call.ts";
import { createManualClock, sendRaw, serverFor, type TestToken } from "./support.ts";

const JOBS = "/api/v1/jobs";
const SUBMIT = { method: "POST", body: { type: "echo", input: {} } } as const;
const PUBLIC = ["/healthz", "/readyz", "/openapi.json", "/docs", "/swagger/", "/"];

test("nobody needs a token until the first was made, and then everybody, for good", async (t) => {
  const { server, tokens, manager } = await serverFor(t);
  assert.equal((await ask(server, JOBS, SUBMIT)).status, 201);
  const { id, headers } = await tokens.create("operate");
  const refused = await ask(server, JOBS, SUBMIT);
  assert.deepEqual([refused.status, refused.code], [401, "unauthenticated"]);
  assert.equal(refused.headers["www-authenticate"], "Bearer");
  assert.equal((await ask(server, JOBS, { ...SUBMIT, headers })).status, 201);
  await manager.access.revokeToken(id);
  assert.equal((await ask(server, JOBS, { ...SUBMIT, headers })).code, "unauthenticated");
  assert.equal((await ask(server, JOBS)).code, "unauthenticated", "the server does not open again");
});

test("with auth on everybody needs a token from the start, with auth off never", async (t) => {
  const on = await serverFor(t, { auth: "on" });
  assert.equal((await ask(on.server, JOBS)).status, 401);
  const off = await serverFor(t, { auth: "off" });
  await off.tokens.create("admin");
  assert.equal((await ask(off.server, JOBS, SUBMIT)).status, 201);
});

test("what a scope does not include is refused, and the answer names the scope that is needed", async (t) => {
  const { server, tokens } = await serverFor(t);
  const held = {
    read: await tokens.create("read"),
    operate: await tokens.create("operate"),
    admin: await tokens.create("admin"),
  };
  const needs = [
    ["read", JOBS, {}],
    ["operate", JOBS, SUBMIT],
    ["admin", "/api/v1/tokens", {}],
    ["admin", "/api/v1/queues/default/pause", { method: "POST" }],
    ["read", "/metrics", {}],
  ] as const;
  for (const [needed, url, call] of needs) {
    for (const scope of SCOPES) {
      const answer = await ask(server, url, { ...call, headers: held[scope].headers });
      if (SCOPES.indexOf(scope) >= SCOPES.indexOf(needed)) assert.ok(answer.status < 300, `${scope} ${url}`);
      else {
        assert.deepEqual([answer.status, answer.code], [403, "forbidden"], `${scope} ${url}`);
        assert.match(answer.body.detail, new RegExp(`scope ${needed}.*"some-${scope}"`));
      }
    }
  }
});

test("a credential that is shown counts, even where none is needed", async (t) => {
  const { server, tokens } = await serverFor(t, { auth: "off" });
  const { headers } = await tokens.create("read");
  assert.equal((await ask(server, JOBS, { ...SUBMIT, headers })).code, "forbidden");
  assert.equal(
    (await ask(server, JOBS, { headers: { authorization: "Bearer pawl_nonsense" } })).code,
    "unauthenticated",
  );
});

test("what is no token is refused, whatever it looks like", async (t) => {
  const { server, tokens } = await serverFor(t);
  const { token, id } = await tokens.create("admin");
  const secret = token.slice(token.lastIndexOf("_") + 1);
  const other = secret.startsWith("0") ? "1" : "0";
  const wrong = [
    "",
    "Bearer",
    "Bearer ",
    token,
    `Basic ${btoa(`some-admin:${token}`)}`,
    `Token ${token}`,
    `Bearer ${token} ${token}`,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer "${token}"`,
    `Bearer ${token.toUpperCase()}`,
    `Bearer pawl_${id}_`,
    `Bearer pawl_${id}_${other}${secret.slice(1)}`,
    `Bearer pawl_000000000000_${secret}`,
    `Bearer pawl_${id}_${secret}0`,
    `Bearer ${"a".repeat(5_000)}`,
    `Bearer pawl_${"a".repeat(5_000)}`,
    "Bearer pawl_%s' OR 1=1 --",
  ];
  // Each from another address: one that is wrong too often has to wait.
  for (const [index, authorization] of wrong.entries()) {
    const answer = await ask(server, JOBS, { headers: { authorization }, from: `127.0.1.${index}` });
    assert.deepEqual([answer.status, answer.code], [401, "unauthenticated"], authorization);
  }
  for (const authorization of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token}`]) {
    assert.equal((await ask(server, JOBS, { headers: { authorization } })).status, 200, authorization);
  }
});

test("an expired token is refused", async (t) => {
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const { server, tokens } = await serverFor(t, { clock }, { clock });
  const { headers } = await tokens.create("read", { expiresInMs: 60_000 });
  clock.advance(59_000);
  assert.equal((await ask(server, JOBS, { headers })).status, 200);
  clock.advance(1_000);
  assert.equal((await ask(server, JOBS, { headers })).code, "unauthenticated");
});

test("a repeated Authorization header is refused", async (t) => {
  const { url, tokens } = await serverFor(t);
  const { token } = await tokens.create("read");
  const line = `Authorization: Bearer ${token}\r\n`;
  const head = (lines: string) => `GET ${JOBS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines}\r\n`;
  assert.match(await sendRaw(url, head(line)), /^HTTP\/1.1 200 /);
  for (const repeated of [line + line, `${line}authorization: Basic eDp5\r\n`]) {
    assert.match(await sendRaw(url, head(repeated)), /^HTTP\/1.1 400 [\s\S]*"invalid_request"/);
  }
});

test("what is public needs no token, and looks at none", async (t) => {
  const { server } = await serverFor(t, { auth: "on" });
  for (const url of PUBLIC) {
    for (const authorization of ["", "Bearer pawl_nonsense", "Basic eDp5"]) {
      const { status } = await ask(server, url, { headers: authorization === "" ? {} : { authorization } });
      assert.ok(status === 200 || status === 302, `${url} ${status}`);
    }
  }
});

test("what is not served is told to everybody: it is in the public documentation", async (t) => {
  const { server } = await serverFor(t, { auth: "on" });
  assert.equal((await ask(server, "/api/v1/nothing")).code, "not_found");
  assert.equal((await ask(server, JOBS, { method: "DELETE" })).code, "method_not_allowed");
  assert.equal((await ask(server, JOBS, { method: "HEAD" })).status, 401);
  assert.equal((await ask(server, "/api/v1/jobs/no-such-job")).code, "unauthenticated", "what is there is not told");
});

test("a route that was added to the app is for admins", async (t) => {
  const { manager, tokens } = await serverFor(t);
  const server = createHttpServer({ manager, port: 0 });
  t.after(() => server.close());
  server.app.get("/mine", async () => "mine");
  const [admin, operate] = [await tokens.create("admin"), await tokens.create("operate")];
  assert.equal((await ask(server, "/mine")).status, 401);
  assert.equal((await ask(server, "/mine", operate)).status, 403);
  assert.equal((await ask(server, "/mine", admin)).status, 200);
});

test("a token in the address is refused, and not repeated", async (t) => {
  const { server, tokens } = await serverFor(t);
  const { token } = await tokens.create("read");
  for (const name of ["token", "access_token", "api_key", "Token", "authorization"]) {
    for (const path of [JOBS, "/healthz", "/nothing", "/docs"]) {
      const answer = await ask(server, `${path}?${name}=${token}`);
      assert.deepEqual([answer.status, answer.code], [400, "invalid_request"], `${path} ${name}`);
      assert.match(answer.body.detail, /header Authorization/);
      assert.ok(!answer.text.includes(token.slice(-20)));
    }
  }
});

test("who is not let in does not get its body read", async (t) => {
  const { server, tokens } = await serverFor(t);
  const { headers } = await tokens.create("read");
  const malformed = { "content-type": "application/json" };
  for (const [code, more] of [
    ["unauthenticated", {}],
    ["forbidden", headers],
  ] as const) {
    const response = await server.app.inject({
      method: "POST",
      url: JOBS,
      headers: { host: "localhost", ...malformed, ...more },
      payload: '{"type": ',
    });
    assert.equal(response.json().code, code);
  }
});

test("an upload without a token is answered, and stores nothing", async (t) => {
  const { url, tokens, pawl } = await serverFor(t);
  await tokens.create("read");
  const body = new Blob(["x".repeat(3_000_000)]);
  const response = await fetch(`${url}/api/v1/files`, {
    method: "POST",
    body,
    headers: { "content-type": "text/csv" },
  });
  assert.equal(response.status, 401);
  assert.equal(await pawl.store.files.uploadedBytes(), 0);
});

test("as long as the store does not answer nobody is let in, and what is public is served", async (t) => {
  const { server, tokens, pawl } = await serverFor(t);
  const { headers } = await tokens.create("admin");
  await pawl.store.close();
  const refused = await ask(server, JOBS, { headers });
  assert.deepEqual([refused.status, refused.code, refused.headers["retry-after"]], [503, "store_unavailable", "5"]);
  assert.equal((await ask(server, "/healthz")).status, 200);
});

test("tokens are made, listed and ended over HTTP, and each secret is shown once", async (t) => {
  const { server, tokens } = await serverFor(t);
  const { headers } = await tokens.create("admin");
  const body = { name: "ada", scope: "operate", expiresInMs: 3_600_000 };
  const made = await ask<Token & { token: string }>(server, "/api/v1/tokens", { method: "POST", body, headers });
  assert.equal(made.status, 201);
  assert.deepEqual([made.body.name, made.body.scope, made.body.createdBy], ["ada", "operate", "some-admin"]);
  assert.match(made.body.token, new RegExp(`^pawl_${made.body.id}_`));
  const ada = { authorization: `Bearer ${made.body.token}` };
  assert.equal((await ask(server, JOBS, { ...SUBMIT, headers: ada })).status, 201);
  assert.equal((await ask(server, "/api/v1/tokens", { method: "POST", body, headers })).code, "name_taken");

  const listed = await ask<{ items: Token[] }>(server, "/api/v1/tokens", { headers });
  assert.deepEqual(listed.body.items.map(({ name }) => name).sort(), ["ada", "some-admin"]);
  assert.ok(!listed.text.includes(made.body.token.slice(-20)));

  const path = `/api/v1/tokens/${made.body.id}`;
  const ended = await ask<Token>(server, path, { method: "DELETE", headers });
  assert.equal(ended.body.revokedBy, "some-admin");
  assert.equal((await ask(server, JOBS, { headers: ada })).status, 401);
  assert.equal((await ask(server, "/api/v1/tokens/000000000000", { method: "DELETE", headers })).code, "not_found");
});

test("the streams of a token end with it, and others go on", async (t) => {
  const { url, tokens, manager } = await serverFor(t);
  const [mine, others] = [await tokens.create("read"), await tokens.create("operate")];
  const open = async (path: string, { headers }: TestToken) => {
    const response = await fetch(url + path, { headers });
    assert.equal(response.status, 200);
    return response;
  };
  const { id } = await manager.submit({ type: "hold", input: {} });
  const ending = [await open("/api/v1/events/stream", mine), await open(`${JOBS}/${id}/stream`, mine)];
  const staying = await open("/api/v1/events/stream", others);
  await manager.access.revokeToken(mine.id);
  for (const stream of ending) await stream.text();
  const reader = staying.body?.getReader();
  let seen = "";
  await manager.submit({ type: "echo", input: {} });
  while (!seen.includes("event: jobs")) seen += new TextDecoder().decode((await reader?.read())?.value);
});

test("a stream ends soon after its token has expired", async (t) => {
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const { url, tokens } = await serverFor(t, { clock }, { clock });
  const { headers } = await tokens.create("read", { expiresInMs: 60_000 });
  const stream = await fetch(`${url}/api/v1/events/stream`, { headers });
  let ended = false;
  void stream.text().then(() => {
    ended = true;
  });
  clock.advance(60_000);
  const secondPassed = async () => {
    clock.advance(1_000);
    return ended;
  };
  await waitFor(secondPassed, { what: "the stream to end" });
});

test("streams of callers without a token end when the first token is made", async (t) => {
  const clock = createManualClock();
  const { url, tokens } = await serverFor(t, { clock });
  const stream = await fetch(`${url}/api/v1/events/stream`);
  await tokens.create("admin");
  clock.advance(1_000);
  await stream.text();
});

test("who waits for a job is told when the token ends", async (t) => {
  const { url, tokens, manager } = await serverFor(t);
  const { id, headers } = await tokens.create("read");
  const job = await manager.submit({ type: "hold", input: {} });
  const [first, second] = ["final", "paused"].map((until) =>
    fetch(`${url}${JOBS}/${job.id}?waitMs=60000&until=${until}`, { headers }),
  );
  await waitFor(async () => (await manager.access.tokens())[0]?.lastUsedAt, { what: "the token to be used" });
  await manager.access.revokeToken(id);
  assert.deepEqual([(await first)?.status, (await second)?.status], [401, 401]);
});

test("a token never gets into a reply, the log or the audit", async (t) => {
  const { server, tokens, manager, logged } = await serverFor(t);
  const { token, headers } = await tokens.create("admin");
  const texts: string[] = [];
  const calls = [
    [JOBS, { method: "POST", body: { type: token, input: {} } }],
    [JOBS, { method: "POST", body: { token } }],
    [`/api/v1/tokens/${token}`, { method: "DELETE" }],
    [`${JOBS}/${token}/cancel`, { method: "POST", body: { reason: `it was ${token}` } }],
    [`/api/v1/schedules/${token}`, { method: "DELETE" }],
    ["/api/v1/session", { method: "POST", body: { token: `${token}x` } }],
    ["/api/v1/session", { method: "POST", body: { token } }],
    [`${JOBS}?token=${token}`, {}],
    [`/${token}`, {}],
  ] as const;
  for (const [url, call] of calls) {
    const { text, cookie } = await ask(server, url, { ...call, headers });
    texts.push(text, cookie);
  }
  await server.close();
  texts.push(JSON.stringify(logged), JSON.stringify(await manager.access.audit()));
  const secret = token.slice(token.lastIndexOf("_") + 1);
  for (const text of texts) assert.ok(!text.includes(secret), text);
});
