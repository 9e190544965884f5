// Who may call: DNS rebinding, pages of other sites, and headers of proxies that nobody configured.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../../src/api/problem.ts";
import type { HttpServer } from "../../src/http/index.ts";
import { serverFor } from "./support.ts";

/** Sends headers that fetch would not. Answers status and code. */
async function ask(
  server: HttpServer,
  request: { method?: "GET" | "POST" | "DELETE"; url?: string; headers?: Record<string, string>; payload?: string },
) {
  const { method = "GET", url = "/api/v1/jobs", headers = {}, payload } = request;
  const response = await server.app.inject({ method, url, headers: { host: "localhost", ...headers }, payload });
  const type = String(response.headers["content-type"]);
  return [response.statusCode, type.startsWith("application/problem+json") ? response.json<Problem>().code : null];
}

const OK = [200, null];
const MISDIRECTED = [421, "misdirected_request"];

test("a Host that is an IP address, localhost or a configured name is served", async (t) => {
  const { server } = await serverFor(t, { allowedHosts: ["Jobs.example.com"] });
  for (const host of [
    "127.0.0.1",
    "127.0.0.1:8080",
    "10.1.2.3:80",
    "[::1]",
    "[::1]:8080",
    "localhost",
    "LOCALHOST:1",
    "jobs.example.com:443",
  ]) {
    assert.deepEqual(await ask(server, { headers: { host } }), OK, host);
  }
});

test("any other Host is 421, on every path but those that machines ask", async (t) => {
  const { server } = await serverFor(t, { allowedHosts: ["jobs.example.com"] });
  const foreign = [
    "evil.com",
    "localhost.evil.com",
    "evil-jobs.example.com",
    "127.0.0.1.evil.com",
    "0x7f000001",
    "2130706433",
    "localhost:8080:1",
    "localhost@evil.com",
    "[evil.com]",
    "[::1%evil.com]",
    "::1",
    "localhost.",
    "127.0.0.1,evil.com",
  ];
  for (const host of foreign) assert.deepEqual(await ask(server, { headers: { host } }), MISDIRECTED, host);
  for (const url of ["/", "/docs", "/openapi.json", "/nothing", "/api/v1/job-types"]) {
    assert.deepEqual(await ask(server, { url, headers: { host: "evil.com" } }), MISDIRECTED, url);
  }
  for (const url of ["/healthz", "/readyz"])
    assert.deepEqual(await ask(server, { url, headers: { host: "evil.com" } }), OK, url);
});

test("the metrics are for any Host to who shows a credential, and to nobody else", async (t) => {
  const { server, tokens } = await serverFor(t, { auth: "off" });
  const headers = { host: "pawl.internal" };
  assert.deepEqual(await ask(server, { url: "/metrics", headers }), MISDIRECTED);
  const token = await tokens.create("read");
  assert.deepEqual(await ask(server, { url: "/metrics", headers: { ...headers, ...token.headers } }), OK);
});

test("who is refused by the Host is told the setting that would let it in", async (t) => {
  const { server } = await serverFor(t);
  const response = await server.app.inject({ url: "/api/v1/jobs", headers: { host: "evil.com" } });
  assert.match(response.json<Problem>().detail, /PAWL_ALLOWED_HOSTS/);
});

test("headers of a proxy are refused", async (t) => {
  const { server } = await serverFor(t);
  for (const name of [
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Anything",
  ]) {
    const headers = { [name]: "for=1.2.3.4" };
    assert.deepEqual(await ask(server, { headers }), [400, "invalid_request"], name);
    for (const url of ["/healthz", "/readyz"]) assert.deepEqual(await ask(server, { url, headers }), OK, name);
  }
});

test("a page of another site changes nothing", async (t) => {
  const { server, submit, manager } = await serverFor(t);
  const { id } = await submit("hold");
  const json = { "content-type": "application/json" };
  const foreign: Record<string, string>[] = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "http://evil.com" },
    { origin: "null" },
    { origin: "http://localhost:3000" },
    { origin: "http://localhost.evil.com" },
    { origin: "file://localhost" },
    { origin: "http://localhost", "sec-fetch-site": "same-site" },
  ];
  for (const headers of foreign) {
    const label = JSON.stringify(headers);
    assert.deepEqual(
      await ask(server, { method: "POST", url: `/api/v1/jobs/${id}/pause`, headers }),
      [403, "forbidden"],
      label,
    );
    assert.deepEqual(
      await ask(server, { method: "DELETE", url: `/api/v1/jobs/${id}`, headers }),
      [403, "forbidden"],
      label,
    );
    const submitted = {
      method: "POST",
      headers: { ...json, ...headers },
      payload: '{"type":"echo","input":{}}',
    } as const;
    assert.deepEqual(await ask(server, submitted), [403, "forbidden"], label);
    assert.deepEqual(await ask(server, { headers }), OK, `reading is no change: ${label}`);
  }
  assert.deepEqual((await manager.list()).items.length, 1);
  assert.equal((await manager.get(id))?.control, null);
});

test("our own pages and programs may change things", async (t) => {
  const { server } = await serverFor(t);
  const payload = '{"type":"echo","input":{}}';
  const own: Record<string, string>[] = [
    {},
    { origin: "http://localhost" },
    { host: "localhost:8080", origin: "http://localhost:8080", "sec-fetch-site": "same-origin" },
    { host: "localhost:80", origin: "http://localhost" },
    { host: "[::1]:8080", origin: "http://[::1]:8080" },
    { "sec-fetch-site": "none" },
  ];
  for (const headers of own) {
    const answer = await ask(server, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      payload,
    });
    assert.deepEqual(answer, [201, null], JSON.stringify(headers));
  }
});

test("a form that any site could send is not taken for JSON", async (t) => {
  const { server, submit } = await serverFor(t);
  const { id } = await submit("hold");
  const payload = '{"type":"echo","input":{}}';
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "text/json",
    "application/jsonx",
    "nonsense",
  ]) {
    for (const url of ["/api/v1/jobs", `/api/v1/jobs/${id}/pause`]) {
      const answer = await ask(server, { method: "POST", url, headers: { "content-type": type }, payload });
      assert.deepEqual(answer, [415, "unsupported_media_type"], `${url} ${type}`);
    }
  }
  const form = { "content-type": "multipart/form-data; boundary=b" };
  const pause = { method: "POST", url: `/api/v1/jobs/${id}/pause`, headers: form, payload: "--b--\r\n" } as const;
  assert.deepEqual(await ask(server, pause), [415, "unsupported_media_type"]);
});

test("a control request without a body needs no content type, and an empty body is none", async (t) => {
  const { server, submit, manager } = await serverFor(t);
  const bodyless: Record<string, string>[] = [
    {},
    { "content-type": "application/json" },
    { "content-type": "application/json; charset=utf-8" },
  ];
  for (const headers of bodyless) {
    const { id } = await submit("hold");
    await manager.waitUntil(id, "running");
    assert.deepEqual(await ask(server, { method: "POST", url: `/api/v1/jobs/${id}/pause`, headers }), [202, null]);
  }
});

test("no reply can be loaded, framed or guessed at by another page", async (t) => {
  const { server } = await serverFor(t);
  for (const url of ["/api/v1/jobs", "/healthz", "/nothing", "/openapi.json"]) {
    const { headers } = await server.app.inject({ url, headers: { host: "localhost" } });
    assert.equal(headers["content-security-policy"], "default-src 'none';frame-ancestors 'none'", url);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cross-origin-resource-policy"], "same-origin");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["access-control-allow-origin"], undefined);
    assert.equal(headers["strict-transport-security"], undefined);
  }
});
