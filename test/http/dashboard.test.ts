// The dashboard as files: what is served under /ui/, with which headers, and what is not.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import Fastify from "fastify";
import { PawlError } from "../../src/domain/errors.ts";
import { serveDashboard } from "../../src/http/dashboard.ts";
import { DASHBOARD, requireDashboard } from "../support/dashboard.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { serverFor } from "./support.ts";

requireDashboard();

const ASSETS = readdirSync(path.join(DASHBOARD, "assets"));
const asset = (name: RegExp) => {
  const found = ASSETS.find((file) => name.test(file));
  assert.ok(found, `dist/ui/assets has no file like ${name}`);
  return `/ui/assets/${found}`;
};
const SCRIPT = asset(/^index-.*\.js$/);
const FONT = asset(/-latin-wght.*\.woff2$/);

test("a browser that opens the root is sent to the dashboard", async (t) => {
  const { url } = await serverFor(t);
  for (const place of ["/", "/ui"]) {
    const { status, headers } = await fetch(url + place, { redirect: "manual" });
    assert.deepEqual([status, headers.get("location")], [302, "/ui/"], place);
  }
});

test("every path under /ui/ that is no file is the page, which loads from this server alone", async (t) => {
  const { url } = await serverFor(t);
  const page = await readFile(path.join(DASHBOARD, "index.html"), "utf8");
  for (const place of [
    "",
    "jobs",
    "jobs/01JD.tar",
    "index.html",
    "no/such/page",
    "jobs?q=..%2f",
    "%00",
    "data?dataset=a.b",
    "favicon.ico",
  ]) {
    const response = await fetch(`${url}/ui/${place}`);
    assert.equal(response.status, 200, place);
    assert.equal(await response.text(), page, place);
    const header = (name: string) => response.headers.get(name);
    assert.equal(
      header("content-security-policy"),
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';font-src 'self';connect-src 'self';" +
        "base-uri 'none';form-action 'self';frame-ancestors 'none'",
      place,
    );
    assert.equal(header("cache-control"), "no-cache", place);
    assert.equal(header("x-frame-options"), "DENY");
    assert.equal(header("referrer-policy"), "no-referrer");
    assert.equal(header("cross-origin-opener-policy"), "same-origin");
    assert.match(header("content-type") ?? "", /^text\/html/);
  }
});

test("the page holds nothing that the policy forbids, and leads to nowhere else", async () => {
  const page = await readFile(path.join(DASHBOARD, "index.html"), "utf8");
  assert.doesNotMatch(page, /<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/);
  const places = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, place]) => place ?? "");
  assert.ok(places.length > 2);
  for (const place of places) assert.match(place, /^\/ui\//);
});

test("a file whose name carries its digest is kept for ever, each other is asked for again", async (t) => {
  const { url, server } = await serverFor(t);
  for (const place of [SCRIPT, FONT]) {
    const { status, headers } = await fetch(url + place);
    assert.equal(status, 200);
    assert.equal(headers.get("cache-control"), "public, max-age=31536000, immutable", place);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
  }
  const icon = await fetch(`${url}/ui/icon.svg`);
  assert.equal(icon.headers.get("cache-control"), "no-cache");
  assert.equal(icon.headers.get("content-security-policy"), "default-src 'none';frame-ancestors 'none'");
  // fetch would ask for it uncached.
  for (const place of ["/ui/icon.svg", "/ui/", "/ui/jobs?q=a"]) {
    const headers = {
      host: "localhost",
      "accept-encoding": "identity",
      "if-none-match": await etagOf(url + place),
    };
    assert.equal((await server.app.inject({ method: "GET", url: place, headers })).statusCode, 304, place);
  }
});

test("the licences of all that the pages are made of are served with them", async (t) => {
  const { url } = await serverFor(t);
  const response = await fetch(`${url}/ui/licenses.md`);
  assert.equal(response.status, 200);
  const text = await response.text();
  for (const name of ["@fontsource-variable/inter", "@tanstack/react-query", "react-dom", "tailwindcss", "uplot"]) {
    assert.match(
      text,
      new RegExp(`^## ${name}(?: - \\S+)? \\((?:MIT|OFL-1.1)\\)\\n\\n(?:.*\\n){0,4}Copyright`, "m"),
      name,
    );
  }
});

async function etagOf(place: string): Promise<string> {
  const { headers } = await fetch(place, { headers: { "accept-encoding": "identity" } });
  return headers.get("etag") ?? "none";
}

test("an asset that is not there is told as a problem that no browser keeps", async (t) => {
  const { url } = await serverFor(t);
  for (const place of ["/ui/assets/index-gone.js", "/ui/assets/index.js.map", "/ui/assets/"]) {
    const response = await fetch(url + place);
    assert.equal(response.status, 404, place);
    assert.doesNotMatch(response.headers.get("cache-control") ?? "", /immutable|max-age/);
    assert.match(response.headers.get("content-type") ?? "", /^application\/problem\+json/);
  }
});

test("no path leads out of the folder: it is refused, or a page", async (t) => {
  const { server } = await serverFor(t);
  const page = await readFile(path.join(DASHBOARD, "index.html"), "utf8");
  const climbs = [
    "../package.json",
    "..%2f..%2fpackage.json",
    "%2e%2e/%2e%2e/package.json",
    "assets/../../../package.json",
    "assets/..%2f..%2f..%2fpackage.json",
    "a%5c..%5c..%5c..%5cpackage.json",
    "..%5c..%5cpackage.json",
    "%2e%2e%2f%2e%2e%2fpackage.json%00.js",
    "/etc/passwd.txt",
    "%2fetc%2fpasswd.txt",
    "assets/%252e%252e%252f%252e%252e%252fpackage.json",
  ];
  for (const climb of climbs) {
    const { statusCode, body } = await server.app.inject({
      method: "GET",
      url: `/ui/${climb}`,
      headers: { host: "localhost" },
    });
    if (statusCode === 200) assert.equal(body, page, climb);
    else assert.ok([400, 403, 404].includes(statusCode), `${climb}: ${statusCode}`);
    assert.doesNotMatch(body, /"name": "pawl"|root:/, climb);
  }
});

test("a text goes out compressed as the browser asks, the same in each way", async (t) => {
  const { server } = await serverFor(t);
  const ask = async (encoding: string) => {
    const headers = { host: "localhost", "accept-encoding": encoding };
    return await server.app.inject({ method: "GET", url: SCRIPT, headers });
  };
  const plain = await ask("identity");
  const br = await ask("gzip, br");
  const gzip = await ask("gzip");
  const text = plain.rawPayload;
  assert.deepEqual(text, await readFile(path.join(DASHBOARD, "assets", path.basename(SCRIPT))));
  assert.deepEqual([br.headers["content-encoding"], gzip.headers["content-encoding"]], ["br", "gzip"]);
  assert.equal(plain.headers["content-encoding"], undefined);
  assert.deepEqual(brotliDecompressSync(br.rawPayload), text);
  assert.deepEqual(gunzipSync(gzip.rawPayload), text);
  for (const { headers } of [plain, br, gzip]) {
    assert.match(String(headers.vary), /accept-encoding/i);
    assert.match(String(headers["content-type"]), /javascript/);
  }
  assert.equal(new Set([plain, br, gzip].map(({ headers }) => headers.etag)).size, 3);
});

test("HEAD answers as GET does, without the body", async (t) => {
  const { url } = await serverFor(t);
  for (const place of ["/ui/", SCRIPT]) {
    const head = await fetch(url + place, { method: "HEAD" });
    const get = await fetch(url + place);
    assert.equal(head.status, 200);
    for (const name of ["content-type", "content-length", "etag", "cache-control", "content-security-policy"]) {
      assert.equal(head.headers.get(name), get.headers.get(name), `${name} of ${place}`);
    }
    assert.equal(await head.text(), "");
    await get.arrayBuffer();
  }
});

test("only reading is allowed there", async (t) => {
  const { url } = await serverFor(t);
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    const { status } = await fetch(`${url}/ui/`, { method });
    assert.ok(status === 404 || status === 405, `${method}: ${status}`);
  }
});

test("the dashboard asks no token before it shows a page: that is for the page to ask", async (t) => {
  const { url, tokens } = await serverFor(t);
  await tokens.create("admin");
  assert.equal((await fetch(`${url}/api/v1/jobs`)).status, 401);
  for (const place of ["/ui/", SCRIPT]) assert.equal((await fetch(url + place)).status, 200, place);
});

test("a server whose dashboard was not built says so, and leads to the documentation", async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  const told: unknown[] = [];
  app.setErrorHandler((error, _request, reply) => {
    told.push(error instanceof PawlError ? [error.code, error.message] : error);
    return reply.code(404).send();
  });
  serveDashboard(app, await tempFolder(t));
  const root = await app.inject("/");
  assert.deepEqual([root.statusCode, root.headers.location], [302, "/docs"]);
  await app.inject("/ui/");
  assert.deepEqual(told, [
    ["not_found", "The dashboard was not built. `npm run build` builds it; GET /docs shows the API."],
  ]);
});
