// A whole server for one test: real store, real engine, real sockets, every reply checked against the contract.
import assert from "node:assert/strict";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import * as z from "zod";
import type { Problem } from "../../src/api/problem.ts";
import type { IssuedToken, Scope } from "../../src/domain/access.ts";
import type { Job } from "../../src/domain/job.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { createHttpServer, type HttpServer, type HttpServerOptions } from "../../src/http/index.ts";
import { defineJob, fileRef } from "../../src/index.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Logger } from "../../src/ports/logger.ts";
import type { TestManager, TestManagerOptions } from "../../src/testing/test-manager.ts";
import { startManager } from "../support/test-manager.ts";

export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

const anything = z.record(z.string(), z.json());

/** Does nothing, and hands its input back. */
export const echo = defineJob({
  type: "echo",
  input: anything,
  async run(job) {
    return job.input;
  },
});

/** Runs until it is stopped; can be rolled back. */
export const hold = defineJob({
  type: "hold",
  input: anything,
  async run(job) {
    for (;;) {
      await job.checkpoint();
      await job.wait(5);
    }
  },
  async rollback(job) {
    await job.checkpoint();
  },
});

/** Reads a stored file. One unfinished job a dataset. */
export const swallow = defineJob({
  type: "swallow",
  input: z.object({ file: fileRef(), dataset: z.string() }),
  exclusive: (input) => `swallow:${input.dataset}`,
  async run(job) {
    const file = await job.openFile(job.input.file);
    let text = "";
    for await (const chunk of file.read()) text += Buffer.from(chunk).toString("latin1");
    return { name: file.name, text };
  },
});

/** Writes log lines and a file. */
export const scribe = defineJob({
  type: "scribe",
  input: z.object({ lines: z.number(), file: z.string() }),
  async run(job) {
    for (let line = 1; line <= job.input.lines; line += 1) job.log.info(`line ${line}`, { line });
    const artifact = await job.artifact(job.input.file, { mediaType: "text/csv" });
    await artifact.write("a,b\n1,2\n");
    await artifact.finish();
  },
});

/** Fails at once, for good. */
export const fail = defineJob({
  type: "fail",
  input: anything,
  retry: { attempts: 1 },
  async run() {
    throw new Error("no luck");
  },
});

/** A token, and the headers that show it. */
export interface TestToken extends IssuedToken {
  readonly headers: { readonly authorization: string };
}

export interface TestServer {
  readonly url: string;
  readonly server: HttpServer;
  readonly pawl: TestManager;
  readonly manager: TestManager["manager"];
  readonly logged: readonly { readonly fields: object; readonly message: string }[];
  /** Sends JSON (or nothing), reads JSON. */
  call<T = Job>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  readonly tokens: {
    /** Makes a token; from then on callers need one, unless the server was told otherwise. */
    create(scope: Scope, more?: { readonly name?: string; readonly expiresInMs?: number }): Promise<TestToken>;
  };
  /** Submits, expecting 201. */
  submit(type: string, input?: object, more?: object): Promise<Job>;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Starts a server that ends with the test, over a manager with the options `engine`. */
export async function serverFor(
  t: TestContext,
  options: Partial<HttpServerOptions> = {},
  engine: Partial<TestManagerOptions> = {},
): Promise<TestServer> {
  const pawl = await startManager({ jobs: [echo, hold, swallow, scribe, fail], ...engine });
  const logged: { fields: object; message: string }[] = [];
  const note = (fields: object, message: string) => void logged.push({ fields, message });
  const logger: Logger = { debug: () => {}, info: () => {}, warn: note, error: note };
  const { manager } = pawl;
  const server = createHttpServer({
    manager,
    datasets: null,
    host: "127.0.0.1",
    port: 0,
    logger,
    validateReplies: true,
    ...options,
  });
  t.after(async () => {
    await server.close();
    await pawl.stop();
  });
  const { url } = await server.listen();
  const call: TestServer["call"] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
  const submit: TestServer["submit"] = async (type, input = {}, more = {}) => {
    const { status, body } = await call("POST", "/api/v1/jobs", { type, input, ...more });
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  };
  const tokens: TestServer["tokens"] = {
    async create(scope, { name = `some-${scope}`, expiresInMs } = {}) {
      const token = await manager.access.createToken({ name, scope, expiresInMs });
      return { ...token, headers: { authorization: `Bearer ${token.token}` } };
    },
  };
  return { url, server, pawl, manager, logged, call, tokens, submit };
}

/** Asserts that a call was refused with `code`, in the form of RFC 9457. */
export function assertProblem(answer: Answer<unknown>, status: number, code: string): Problem {
  const problem = answer.body as Problem;
  assert.equal(answer.status, status, JSON.stringify(problem));
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
  assert.equal(problem.code, code);
  assert.equal(problem.status, status);
  assert.equal(problem.type, `urn:pawl:problem:${code}`);
  assert.notEqual(problem.title, "");
  assert.notEqual(problem.detail, "");
  return problem;
}

export interface ManualClock extends Clock {
  /** Lets time pass, and calls what falls due on the way. */
  advance(ms: number): void;
}

/** A clock whose timers only the test fires. */
export function createManualClock(): ManualClock {
  let passed = 0;
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => systemClock.now(),
    monotonic: () => passed,
    after(delayMs, callback) {
      const timer = { at: passed + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      passed += ms;
      const due = timers.filter((timer) => timer.at <= passed);
      timers = timers.filter((timer) => timer.at > passed);
      for (const timer of due) timer.callback();
    },
  };
}

/** Sends bytes that no client would, and answers everything that comes back. */
export function sendRaw(url: string, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = "";
  const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(text));
  socket.on("data", (chunk) => {
    answer += chunk;
  });
  socket.on("error", () => resolve(answer));
  socket.on("close", () => resolve(answer));
  return promise;
}
