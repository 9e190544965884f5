// The server that hostile requests are sent to: the real program in a process of its own, with one of everything in it.
// Invariant: when it is made it stands still, so that whatever changes afterwards was changed by a request.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import type { Job } from "../../src/domain/job.ts";
import { createHttpClient, type HttpClient } from "../support/http-client.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { createStoredStateReader, type StoredState, type StoredStateReader } from "./stored-state.ts";

export interface World {
  readonly server: ServerProcess;
  readonly url: string;
  readonly dataDir: string;
  readonly stored: StoredStateReader;
  /** What was stored when it was last known that nothing is under way. */
  settled(): StoredState;
  /** Nothing is under way now. */
  settle(): void;
  close(): Promise<void>;
  /** What the server had printed before the first request of a test. */
  readonly banner: string;
  /** What `{{name}}` stands for in a request. */
  readonly names: ReadonlyMap<string, string>;
}

/** Requests come as fast as they can here; a limit of their rate is tested elsewhere. */
const ENV = { PAWL_RATE_LIMIT: "1000000", PAWL_MAX_UPLOAD: "1MiB", PAWL_LOG_LEVEL: "debug", PAWL_CONCURRENCY: "500" };
const DAY_MS = 86_400_000;

/** Starts a server that ends with the test. */
export async function startWorld(t: TestContext): Promise<World> {
  const world = await openWorld();
  t.after(world.close);
  return world;
}

/** Starts a server; whoever does ends it with `close`. */
export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), "pawl-test-"));
  const dataDir = path.join(folder, "data");
  const server = await startServer({ dataDir, env: ENV });
  const names = await furnish(server.url);
  const stored = createStoredStateReader(dataDir);
  let settled = stored.read();
  return {
    server,
    url: server.url,
    dataDir,
    stored,
    names,
    banner: server.stdout(),
    settled: () => settled,
    settle() {
      settled = stored.read();
    },
    async close() {
      stored.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One of everything. The queue `shelf` is paused: what is put there stays as it is. */
async function furnish(url: string): Promise<ReadonlyMap<string, string>> {
  const http = createHttpClient(url);
  const ok = async <T>(method: string, place: string, body?: unknown): Promise<T> => {
    const answer = await http.call<T>(method, place, body);
    assert.ok(answer.status < 300, `${method} ${place}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  await ok("POST", "/api/v1/queues/shelf/pause", { reason: "kept" });
  const tick = { type: "ticker", input: { intervalMs: DAY_MS } };
  const held = await http.submit({ ...tick, key: "held" });
  const paused = await http.submit(tick);
  await http.waitUntil(held.id, "running");
  await http.waitUntil(paused.id, "running");
  await http.act(paused.id, "pause");
  await http.waitUntil(paused.id, "paused");
  const waiting = await ok<Job>("POST", "/api/v1/jobs", {
    type: "ticker",
    input: { times: 1 },
    queue: "shelf",
    labels: { team: "red" },
  });
  const imported = await importContacts(http, url);
  const done = await http.submit({ type: "data-export", input: { dataset: "contacts" } });
  await http.waitUntil(done.id, "succeeded");
  await ok("POST", "/api/v1/schedules", { name: "yearly", cron: "0 0 1 1 *", type: "ticker", input: { times: 1 } });
  const file = await uploadFile(url);
  return new Map(
    Object.entries({ held: held.id, paused: paused.id, waiting: waiting.id, imported, done: done.id, file }),
  );
}

async function importContacts(http: HttpClient, url: string): Promise<string> {
  const file = await uploadFile(url);
  const job = await http.submit({ type: "csv-import", input: { file, dataset: "contacts" } });
  await http.waitUntil(job.id, "succeeded");
  return job.id;
}

async function uploadFile(url: string): Promise<string> {
  const headers = { "content-type": "text/csv" };
  const body = "name,phone\nAda,1\nBob,2\n";
  const response = await fetch(`${url}/api/v1/files?name=contacts.csv`, { method: "POST", headers, body });
  const { id } = (await response.json()) as { readonly id: string };
  assert.equal(response.status, 201);
  return id;
}
