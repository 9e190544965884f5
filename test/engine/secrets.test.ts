// Secret fields of an input: the handler gets them, and nobody else ever sees them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import {
  defineJob,
  type Job,
  type JobContext,
  type Json,
  type Manager,
  PawlError,
  PermanentError,
} from "../../src/index.ts";
import { createGate, managerFor } from "./support.ts";

const TOKEN = 'tok/en "42"';
const input = z.object({
  user: z.string(),
  auth: z.object({ token: z.string(), pin: z.number().optional() }).optional(),
  words: z.array(z.string()).optional(),
});
const secret = ["auth.token", "auth.pin", "words"];
const given = { user: "ada", auth: { token: TOKEN, pin: 987_654 }, words: ["correct horse", "battery"] };

/** Every way to write one of the secrets, and a piece of one that a cut would leave. */
const SPELLINGS = [
  TOKEN,
  TOKEN.slice(0, 6),
  JSON.stringify(TOKEN).slice(1, -1),
  encodeURIComponent(TOKEN),
  "987654",
  "correct horse",
  "battery",
];

/** All that anybody can see of a job. */
async function seen(manager: Manager, id: string): Promise<string> {
  const parts = [manager.get(id), manager.list(), manager.history(id), manager.logs(id), manager.summaries([id])];
  return JSON.stringify(await Promise.all(parts));
}

function assertNothingSeen(text: string): void {
  for (const spelling of SPELLINGS) {
    const quoted = JSON.stringify(spelling).slice(1, -1);
    for (const form of [spelling, quoted]) assert.ok(!text.includes(form), `${form} can be seen in ${text}`);
  }
}

test("a secret is masked wherever the job is looked at, and its handler gets it", async (t) => {
  const got: unknown[] = [];
  const job = defineJob({ type: "login", input, secret, run: async (job) => void got.push(job.input) });
  const { manager } = await managerFor(t, { jobs: [job] });
  const submitted = await manager.submit({ type: "login", input: given });
  const masked = { user: "ada", auth: { token: "[secret]", pin: "[secret]" }, words: "[secret]" };
  assert.deepEqual(submitted.input, masked);
  const done = await manager.waitUntil(submitted.id, "succeeded");
  assert.deepEqual(done.input, masked);
  assert.deepEqual(got, [given]);
  assertNothingSeen(await seen(manager, submitted.id));
});

test("what a handler says is kept without its secrets: logs, progress, output", async (t) => {
  const [said, go] = [createGate(), createGate()];
  const job = defineJob({
    type: "talk",
    input,
    secret,
    async run({ log, progress, input }) {
      log.info(`asking with ${input.auth?.token}`, {
        headers: { auth: `Bearer ${input.auth?.token}` },
        pin: input.auth?.pin ?? null,
      });
      log.error(`${"x".repeat(8_185)}${input.auth?.token}`);
      log.warn(`GET /?token=${encodeURIComponent(TOKEN)}`, JSON.stringify(input) as Json);
      progress.set({ message: `page of ${input.words?.[0]}`, unit: "battery" });
      said.open();
      await go.passed;
      return { url: `https://${input.auth?.token}@example.org`, [TOKEN]: 1, used: input.auth?.pin, words: input.words };
    },
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "talk", input: given });
  await said.passed;
  assertNothingSeen(await seen(manager, id));
  go.open();
  const done = await manager.waitUntil(id, "succeeded");
  assert.deepEqual(done.output, {
    url: "https://[secret]@example.org",
    "[secret]": 1,
    used: "[secret]",
    words: ["[secret]", "[secret]"],
  });
  assert.equal(done.progress.message, "page of [secret]");
  const [first] = await manager.logs(id);
  assert.deepEqual(
    [first?.message, first?.fields],
    ["asking with [secret]", { headers: { auth: "Bearer [secret]" }, pin: "[secret]" }],
  );
  assertNothingSeen(await seen(manager, id));
});

test("a failure is told without secrets: code, message, details, and what a backoff is told", async (t) => {
  const told: string[] = [];
  const fails = defineJob({
    type: "fails",
    input,
    secret,
    retry: {
      attempts: 2,
      backoff: (failure) => {
        told.push(failure.message);
        return 0;
      },
    },
    async run(job) {
      if (job.attempt === 1) throw new Error(`no access with ${job.input.auth?.token}`);
      const message = `refused: ${job.input.auth?.token}`;
      throw new PermanentError(message, { code: `no_${job.input.words?.[1]}`, details: { sent: job.input } });
    },
    rollback: async (job) => job.log.info(`revoking ${job.input.auth?.token}`),
  });
  const { manager } = await managerFor(t, { jobs: [fails] });
  const { id } = await manager.submit({ type: "fails", input: given });
  const failed = await manager.waitUntil(id, "failed");
  assert.deepEqual([failed.error?.code, failed.error?.message], ["no_[secret]", "refused: [secret]"]);
  assert.deepEqual(told, ["no access with [secret]"]);
  assertNothingSeen(await seen(manager, id));
  await manager.rollback(id);
  await manager.waitUntil(id, "rolled_back");
  assert.equal((await manager.logs(id))[0]?.message, "revoking [secret]");
});

test("after a pause and a crash the handler still gets its secrets, and they are still hidden", async (t) => {
  const tokens: unknown[] = [];
  const entered = createGate();
  const job = defineJob({
    type: "stays",
    input,
    secret,
    async run(job) {
      tokens.push(job.input.auth?.token);
      job.log.info(`with ${job.input.auth?.token}`);
      await job.checkpoint();
      if (tokens.length > 1) return;
      entered.open();
      await new Promise(() => {});
    },
  });
  const pawl = await managerFor(t, { jobs: [job] });
  const { id } = await pawl.manager.submit({ type: "stays", input: given });
  await entered.passed;
  await pawl.manager.pause(id);
  const manager = await pawl.crash();
  assert.equal((await manager.get(id))?.state, "paused");
  await manager.resume(id);
  await manager.waitUntil(id, "succeeded");
  assert.deepEqual(tokens, [TOKEN, TOKEN]);
  assertNothingSeen(await seen(manager, id));
});

test("what a type calls secret later is hidden from its next attempt on", async (t) => {
  const entered = createGate();
  const waits = (job: JobContext) => {
    entered.open();
    return job.wait(60_000);
  };
  const open = defineJob({ type: "later", input, run: waits });
  const pawl = await managerFor(t, { jobs: [open] });
  const { id } = await pawl.manager.submit({ type: "later", input: given });
  await entered.passed;
  const hides = defineJob({ type: "later", input, secret, run: async (job) => job.input.auth?.token });
  const manager = await pawl.restart({ jobs: [hides] });
  assert.equal((await manager.waitUntil(id, "succeeded")).output, "[secret]");
});

test("a refused input is told without its secrets, even when the schema quotes or throws them", async (t) => {
  const quotes = z.object({
    token: z.string().refine(() => false, { error: (issue) => `"${issue.input}" is no token` }),
  });
  const throws = z.object({ token: z.string().transform((text) => JSON.parse(text)) });
  const jobs = [
    defineJob({ type: "quotes", input: quotes, secret: ["token"], run: async () => {} }),
    defineJob({ type: "throws", input: throws, secret: ["token"], run: async () => {} }),
  ];
  const { manager } = await managerFor(t, { jobs });
  await assert.rejects(manager.submit({ type: "quotes", input: { token: TOKEN } }), (error) => {
    assert.ok(error instanceof PawlError && error.code === "invalid_input");
    assert.deepEqual(error.extras.errors, [{ pointer: "/token", message: '"[secret]" is no token' }]);
    assertNothingSeen(error.message + error.stack);
    return true;
  });
  await assert.rejects(manager.submit({ type: "throws", input: { token: TOKEN } }), (error: Error) => {
    assertNothingSeen(String(error.stack) + String(error.cause));
    return true;
  });
});

test("secrets of less than four characters are masked as fields, and left alone in texts", async (t) => {
  const short = z.object({ code: z.string() });
  const job = defineJob({ type: "short", input: short, secret: ["code"], run: async () => "abcabc" });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "short", input: { code: "abc" } });
  const done: Job = await manager.waitUntil(id, "succeeded");
  assert.deepEqual([done.input, done.output], [{ code: "[secret]" }, "abcabc"]);
});

test("the type's schema says which fields a form has to hide, wherever they are declared", async (t) => {
  const shared = z.object({ token: z.string() }).meta({ id: "Auth" });
  const wide = z.object({
    plain: z.string(),
    nested: z.object({ key: z.string(), user: z.string() }).nullable(),
    either: z.union([z.object({ left: z.string() }), z.object({ right: z.string() })]),
    any: z.unknown(),
    headers: z.record(z.string(), z.string()),
    one: shared,
    two: shared,
  });
  const paths = ["plain", "nested.key", "either.left", "any.deep.down", "headers.authorization", "one.token"];
  const job = defineJob({ type: "wide", input: wide, secret: paths, run: async () => {} });
  const { manager } = await managerFor(t, { jobs: [job] });
  const schema = manager.jobTypes()[0]?.input;
  assert.deepEqual(
    paths.filter((path) => !isWriteOnly(schema ?? null, path.split("."))),
    [],
  );
  for (const path of ["nested.user", "either.right", "two.token"]) {
    assert.ok(!isWriteOnly(schema ?? null, path.split(".")), path);
  }
});

/** Whether a form that knows nothing of references finds the mark. */
function isWriteOnly(schema: Json, [name, ...rest]: readonly string[]): boolean {
  const record: { readonly [keyword: string]: Json } = Object(schema);
  if (name === undefined) return record.writeOnly === true;
  const places = [
    record,
    ...[record.anyOf, record.oneOf].flatMap((members) => (Array.isArray(members) ? members : [])),
  ];
  return places.some((place) => isWriteOnly(Object(Object(place).properties)[name] ?? null, rest));
}
