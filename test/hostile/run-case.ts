// Sends a case of the corpus to a server, and judges what came of it.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { problemSchema } from "../../src/api/problem.ts";
import { waitFor } from "../support/wait-for.ts";
import type { HostileCase, HostileRequest, RefusedCase, RefusedInOwnFormCase, Stored } from "./hostile-case.ts";
import { growthOf, type StoredState } from "./stored-state.ts";
import { exchange, type WireReply } from "./wire.ts";
import type { World } from "./world.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Sends one case and throws unless everything that must hold does. */
export async function runCase(world: World, one: HostileCase): Promise<void> {
  const before = world.settled();
  const bytes = bytesOf(one.request, world);
  const { replies, rest, closed } = await exchange(world.url, bytes, {
    head: one.request.method === "HEAD",
    breakOff: one.request.breakOff,
  });
  if (one.kind === "cut") assert.deepEqual(replies, []);
  else {
    const [reply] = replies;
    assert.ok(reply && replies.length === 1 && rest === "", `one reply, not ${replies.length} and "${rest}"`);
    assert.ok(closed, "the connection was left open");
    judge(one, reply, world);
    assertDiscreet(reply, bytes.toString("latin1"), world);
    one.holds?.(reply);
  }
  await assertAlive(world);
  await assertStored(world, before, one.kind === "taken" ? one.stored : {});
}

/** What was begun is gone again as soon as the server has heard that its sender is. */
const SETTLE_MS = 30_000;

async function assertStored(world: World, before: StoredState, expected: Stored): Promise<void> {
  const growth = () => growthOf(before, world.stored.read());
  const settles = waitFor(async () => isDeepStrictEqual(growth(), expected), { what: "it", withinMs: SETTLE_MS });
  await settles.catch(() => assert.deepEqual(growth(), expected, "something was stored"));
}

function judge(one: Exclude<HostileCase, { kind: "cut" }>, reply: WireReply, world: World): void {
  assert.equal(reply.status, one.status, reply.body);
  if (one.kind === "refused") assertProblem(one, reply);
  if (one.kind === "refused in own form") assertOwnForm(one, reply, world);
}

function assertProblem(one: RefusedCase, reply: WireReply): void {
  assert.match(reply.headers.get("content-type") ?? "", /^application\/problem\+json(; charset=utf-8)?$/);
  if (one.request.method === "HEAD") return;
  const problem = problemSchema.strict().parse(JSON.parse(reply.body));
  const { type, status, code } = problem;
  assert.deepEqual(
    { type, status, code },
    { type: `urn:pawl:problem:${one.code}`, status: one.status, code: one.code },
  );
  assert.match(problem.detail, /\S/);
}

function assertOwnForm(one: RefusedInOwnFormCase, reply: WireReply, world: World): void {
  const answer: unknown = JSON.parse(fill(JSON.stringify(one.answer), world));
  const isText = typeof answer === "string";
  assert.match(reply.headers.get("content-type") ?? "", isText ? /^text\/plain\b/ : /^application\/json\b/);
  assert.deepEqual(isText ? reply.body : JSON.parse(reply.body), answer);
}

/** What would tell of the program's inside or of its machine. */
const INSIDE = ["SQLITE", "SELECT ", "INSERT ", "UPDATE ", "node:", "node_modules", "\n    at ", "ENOENT"];

/** Nothing that the request did not say itself may be told. */
function assertDiscreet(reply: WireReply, request: string, { dataDir }: World): void {
  for (const word of [...INSIDE, dataDir, ROOT, process.execPath]) {
    if (!request.includes(word)) assert.ok(!reply.text.includes(word), `the reply tells "${word}": ${reply.body}`);
  }
  for (const name of ["server", "x-powered-by", "access-control-allow-origin"])
    assert.equal(reply.headers.get(name), undefined);
}

async function assertAlive({ url, server }: World): Promise<void> {
  const alive = await fetch(`${url}/readyz`);
  assert.equal(alive.status, 200, server.stderr());
  await alive.body?.cancel();
}

function fill(text: string, { names }: World): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_all, name: string) => {
    const value = names.get(name);
    assert.ok(value !== undefined, `the world has no ${name}`);
    return value;
  });
}

function bytesOf(request: HostileRequest, world: World): Buffer {
  const fillBytes = (bytes: Buffer) => Buffer.from(fill(bytes.toString("latin1"), world), "latin1");
  const asBytes = (data: string | Buffer) => fillBytes(Buffer.isBuffer(data) ? data : Buffer.from(data));
  if (request.raw !== undefined) return asBytes(request.raw);
  const body = request.body === undefined ? null : asBytes(request.body);
  const headers = {
    host: "localhost",
    connection: "close",
    ...(body && { "content-type": "application/json", "content-length": String(body.length) }),
    ...request.headers,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  const head = `${request.method} ${request.target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
  return Buffer.concat([fillBytes(Buffer.from(head, "latin1")), body ?? Buffer.alloc(0)]);
}
