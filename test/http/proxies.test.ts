// Proxies: only the one that was configured is believed, and only about where a request came from.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpServer } from "../../src/http/index.ts";
import { ask, type Call } from "./access-call.ts";
import { serverFor, type TestServer } from "./support.ts";

const JOBS = "/api/v1/jobs";
const PROXY = "10.0.0.1";
const SUBMIT = { method: "POST", body: { type: "echo", input: {} } } as const;

async function proxied(t: Parameters<typeof serverFor>[0]) {
  const server = await serverFor(t, {
    trustedProxies: [PROXY, "192.168.0.0/16", "fd00::/8"],
    allowedHosts: ["jobs.example.com"],
  });
  return { ...server, token: await server.tokens.create("operate") };
}

const addressesOf = async ({ manager }: TestServer) =>
  (await manager.access.audit()).items.map(({ address }) => address).reverse();

test("the caller's address is what the trusted proxies say, and nobody else", async (t) => {
  const pawl = await proxied(t);
  const cases: readonly (readonly [from: string, forwarded: string, address: string])[] = [
    [PROXY, "203.0.113.9", "203.0.113.9"],
    [PROXY, "1.1.1.1, 203.0.113.9", "203.0.113.9"],
    [PROXY, "203.0.113.9, 192.168.7.7", "203.0.113.9"],
    [`::ffff:${PROXY}`, "203.0.113.9", "203.0.113.9"],
    ["fd00::1", "2001:db8::9", "2001:db8::9"],
    [PROXY, "not an address\u0009", PROXY],
    ["203.0.113.5", "1.1.1.1", "203.0.113.5"],
    ["10.0.0.2", "1.1.1.1", "10.0.0.2"],
  ];
  for (const [from, forwarded] of cases) {
    const headers = { ...pawl.token.headers, "x-forwarded-for": forwarded };
    assert.equal((await ask(pawl.server, JOBS, { ...SUBMIT, headers, from })).status, 201);
  }
  assert.deepEqual(
    await addressesOf(pawl),
    cases.map(([, , address]) => address),
  );
});

test("the Host rule holds for the host that a trusted proxy forwards", async (t) => {
  const { server, token } = await proxied(t);
  const status = async (host: string, from: string) =>
    (await ask(server, JOBS, { headers: { ...token.headers, "x-forwarded-host": host }, from })).status;
  assert.equal(await status("jobs.example.com", PROXY), 200);
  assert.equal(await status("jobs.example.com:443", PROXY), 200);
  for (const host of ["evil.com", "jobs.example.com, evil.com", "evil.com, jobs.example.com", ""]) {
    assert.equal(await status(host, PROXY), 421, host);
  }
  assert.equal(await status("evil.com", "203.0.113.5"), 200, "of anybody else the header is passed over");
});

test("a page is ours if it is at the address that the proxy is reached by", async (t) => {
  const { server, token } = await proxied(t);
  const forwarded = { "x-forwarded-host": "jobs.example.com", "x-forwarded-proto": "https" };
  const change = async (origin: string, call: Call = {}) =>
    (await ask(server, JOBS, { ...SUBMIT, from: PROXY, ...call, headers: { ...token.headers, ...forwarded, origin } }))
      .status;
  assert.equal(await change("https://jobs.example.com"), 201);
  assert.equal(await change("http://jobs.example.com"), 403, "a page that was not sent over https may be anybody's");
  assert.equal(await change("https://localhost"), 403);
  assert.equal(await change("https://jobs.example.com", { from: "203.0.113.5" }), 403);
});

test("https is told to browsers only where a trusted proxy says so", async (t) => {
  const { server } = await proxied(t);
  const hsts = async (proto: string, from: string) =>
    (await ask(server, "/openapi.json", { headers: { "x-forwarded-proto": proto }, from })).headers[
      "strict-transport-security"
    ];
  assert.match((await hsts("https", PROXY)) ?? "", /^max-age=\d+$/);
  assert.equal(await hsts("http", PROXY), undefined);
  assert.equal(await hsts("https", "203.0.113.5"), undefined);
});

test("without credentials headers of an unknown proxy are refused; with them they are passed over", async (t) => {
  const pawl = await serverFor(t);
  const { server, tokens } = pawl;
  const headers = { "x-forwarded-for": "203.0.113.9" };
  const refused = await ask(server, JOBS, { headers, from: "127.0.0.1" });
  assert.equal(refused.code, "invalid_request");
  assert.match(refused.body.detail, /PAWL_TRUSTED_PROXIES/);
  assert.equal((await ask(server, "/openapi.json", { headers })).code, "invalid_request");
  assert.equal((await ask(server, "/healthz", { headers })).status, 200, "a balancer's health checks tell nothing");
  const token = await tokens.create("operate");
  assert.equal((await ask(server, JOBS, { ...SUBMIT, headers: { ...headers, ...token.headers } })).status, 201);
  assert.equal((await ask(server, JOBS, { headers })).code, "unauthenticated");
  assert.equal((await ask(server, "/healthz", { headers })).status, 200);
  assert.equal((await addressesOf(pawl)).at(-1), "127.0.0.1");
});

test("Forwarded is passed over, even from a trusted proxy", async (t) => {
  const pawl = await proxied(t);
  const headers = { ...pawl.token.headers, forwarded: "for=203.0.113.9;host=evil.com;proto=https" };
  assert.equal((await ask(pawl.server, JOBS, { ...SUBMIT, headers, from: PROXY })).status, 201);
  assert.deepEqual(await addressesOf(pawl), [PROXY]);
});

test("where a proxy is trusted everybody needs a token before the first was made, whatever is said of where from", async (t) => {
  const { server } = await serverFor(t, { trustedProxies: ["127.0.0.1"] });
  for (const address of ["203.0.113.9", "127.0.0.1", "203.0.113.9:4711", "[2001:db8::9]:443", "unknown", ",", ""]) {
    const answer = await ask(server, JOBS, { headers: { "x-forwarded-for": address } });
    assert.equal(answer.code, "unauthenticated", address);
  }
  for (const name of ["forwarded", "x-forwarded-proto", "x-real-ip"]) {
    assert.equal((await ask(server, JOBS, { headers: { [name]: "for=203.0.113.9" } })).code, "unauthenticated", name);
  }
  assert.equal((await ask(server, JOBS)).code, "unauthenticated");
});

test("what is no address of a proxy is refused at the start", async (t) => {
  const { manager } = await serverFor(t);
  for (const entry of [
    "",
    "proxy.example.com",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0/8",
    "fd00::/129",
    "*",
    "1.2.3.4/-1",
  ]) {
    assert.throws(
      () => createHttpServer({ manager, port: 0, trustedProxies: [entry] }),
      { code: "invalid_config" },
      entry,
    );
  }
});
