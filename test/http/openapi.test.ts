// The OpenAPI document: complete, well-formed, and nothing but what is served. And the pages that show it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { z } from "zod";
import { openApiDocument } from "../../src/api/openapi.ts";
import { errorsOf } from "../../src/api/operation.ts";
import { OPERATIONS } from "../../src/api/operations.ts";
import { ERROR_CODES } from "../../src/domain/errors.ts";
import type { DatasetCatalog } from "../../src/ports/datasets.ts";
import { serverFor } from "./support.ts";

interface OperationObject {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: object }[];
  readonly requestBody?: { content: Record<string, unknown> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema?: { $ref?: string } }> }>;
}

interface Document {
  readonly openapi: string;
  readonly tags: readonly { name: string }[];
  readonly paths: Record<string, Record<string, OperationObject>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

const noDatasets: DatasetCatalog = { list: async () => [], rows: async () => null };
const document = JSON.parse(JSON.stringify(openApiDocument(OPERATIONS))) as Document;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

/** Pages for people, and the helper paths of HTTP itself: not part of the API. Fastify prints `/ui/*` as `/ui*`. */
const PAGES = new Set(["/", "/docs", "/docs/", "/docs/scalar.js", "/swagger", "/swagger/", "/ui", "/ui*"]);

test("every route of the app is in the document, and every operation of the document is a route", async (t) => {
  const compat = { baselineDateColumn: null };
  const { server, call } = await serverFor(t, { datasets: noDatasets, teams: { teams: async () => [] }, compat });
  const served = (await call<Document>("GET", "/openapi.json")).body;
  const documented = Object.entries(served.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = routesOf(server.app.printRoutes({ commonPrefix: false }))
    .filter(({ method, path }) => method !== "HEAD" && !PAGES.has(path))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  assert.deepEqual(routes.sort(), documented.sort());
  assert.equal(documented.length, OPERATIONS.length);
});

test("without datasets neither the app nor the document has them", async (t) => {
  const { call } = await serverFor(t);
  const served = (await call<Document>("GET", "/openapi.json")).body;
  assert.deepEqual(
    Object.keys(served.paths).filter((path) => path.includes("datasets")),
    [],
  );
  assert.equal((await call("GET", "/api/v1/datasets")).status, 404);
});

test("the earlier APIs are neither served nor documented where nobody asked for them", async (t) => {
  const { call } = await serverFor(t);
  const served = (await call<Document>("GET", "/openapi.json")).body;
  const shown = Object.entries(served.paths).filter(
    ([path]) => !/^\/(api\/v1\/|healthz|readyz|metrics|openapi)/.test(path),
  );
  assert.deepEqual(shown, []);
  const earlier = OPERATIONS.filter(({ tag }) => tag.startsWith("Earlier API"));
  assert.equal(new Set(earlier.map(({ tag }) => tag)).size, 5);
  for (const { method, path } of earlier) assert.equal((await call(method, path)).status, 404, `${method} ${path}`);
});

/** Reads what Fastify prints: a tree of path pieces with their methods. */
function routesOf(tree: string): { method: string; path: string }[] {
  const pieces: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent = "", piece = "", methods] = /^([│ ]*)(?:[├└]── )(.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (piece === "" && !methods) return [];
    const depth = indent.length / 4;
    pieces.splice(depth, pieces.length, piece);
    return (methods?.split(", ") ?? []).map((method) => ({ method, path: pieces.slice(0, depth + 1).join("") }));
  });
}

test("every operation says what it does, once and in a known chapter", () => {
  assert.equal(document.openapi, "3.1.1");
  const tags = new Set(document.tags.map((tag) => tag.name));
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const { operation } of operations) {
    assert.match(operation.operationId, /^(earlier[1-5][A-Z]|[a-z])[A-Za-z]+$/);
    assert.ok(operation.summary.length > 0 && !operation.summary.endsWith("."), operation.operationId);
    assert.ok(operation.description.endsWith("."), operation.operationId);
    assert.ok(operation.tags.every((tag) => tags.has(tag)) && operation.tags.length === 1);
  }
});

/** Earlier APIs answer some errors in words of their own. */
const OWN_WORDS = ["application/json", "text/plain"];

test("every operation documents a success, and its errors as problems or in words of its own", () => {
  for (const { operation } of operations) {
    const statuses = Object.keys(operation.responses);
    assert.ok(
      statuses.some((status) => status.startsWith("2")),
      operation.operationId,
    );
    assert.ok(
      statuses.some((status) => status.startsWith("4")),
      operation.operationId,
    );
    assert.ok(statuses.includes("500"), operation.operationId);
    for (const [status, response] of Object.entries(operation.responses)) {
      assert.ok(response.description.length > 0);
      if (Number(status) < 400) continue;
      const isEarlier = operation.tags.some((tag) => tag.startsWith("Earlier API"));
      if (isEarlier && OWN_WORDS.some((type) => Object.hasOwn(response.content ?? {}, type))) continue;
      assert.deepEqual(response.content?.["application/problem+json"]?.schema, {
        $ref: "#/components/schemas/Problem",
      });
    }
  }
});

test("every parameter of a path is declared, and every reference leads somewhere", () => {
  for (const { path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = operation.parameters.filter((parameter) => parameter.in === "path");
    assert.deepEqual(
      declared.map((parameter) => parameter.name),
      named,
    );
    assert.ok(declared.every((parameter) => parameter.required));
  }
  for (const [, name = ""] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    assert.ok(Object.hasOwn(document.components.schemas, name), name);
  }
});

test("the examples are what the schemas describe", () => {
  for (const operation of OPERATIONS) {
    for (const reply of Object.values(operation.replies)) {
      const schema: z.ZodType | undefined = reply.schema;
      if (schema) assert.deepEqual(schema.parse(reply.example), reply.example, operation.id);
    }
    if (operation.bodyExample !== undefined) operation.body?.parse(operation.bodyExample);
  }
});

test("every error code is documented where it can be met", () => {
  const documented = new Set(OPERATIONS.flatMap((operation) => errorsOf(operation)));
  // Told before a route is found, or not over HTTP at all.
  const elsewhere = ["method_not_allowed", "store_owned", "invalid_config"];
  const missing = Object.keys(ERROR_CODES).filter((code) => !new Set<string>(documented).has(code));
  assert.deepEqual(missing.sort(), elsewhere.sort());
});

test("the docs are a page of this server alone: its one inline script is named by its digest", async (t) => {
  const { url } = await serverFor(t);
  for (const path of ["/docs", "/docs/", "/swagger", "/swagger/"]) {
    const response = await fetch(url + path);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    const html = await response.text();
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.doesNotMatch(policy, /script-src[^;]*unsafe/);
    assert.doesNotMatch(policy, /https?:|upgrade-insecure-requests/);
    const inline = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
    assert.ok(policy.includes(`'sha256-${createHash("sha256").update(inline).digest("base64")}'`));
    assert.deepEqual(
      [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source),
      ["/docs/scalar.js"],
    );
    assert.match(inline, /"url": "\/openapi\.json"/);
  }
  const script = await fetch(`${url}/docs/scalar.js`);
  assert.match(script.headers.get("content-type") ?? "", /^text\/javascript/);
  assert.ok((await script.text()).includes("createApiReference"));
});
