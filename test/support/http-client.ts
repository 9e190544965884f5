// The HTTP API as a test calls it: a thin layer over fetch that throws what went wrong, whole.
import assert from "node:assert/strict";
import { openAsBlob } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { HistoryEntry } from "../../src/domain/history.ts";
import type { Job } from "../../src/domain/job.ts";
import type { AwaitedState } from "../../src/domain/job-control.ts";
import { type Action, isFinal } from "../../src/domain/lifecycle.ts";
import { waitFor } from "./wait-for.ts";

/** An answer, with its body read. */
export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export interface HttpClient {
  /** Sends a request and reads a JSON answer, whatever its status. */
  call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  /** Submits; throws unless it is answered with 201. */
  submit(job: { readonly type: string; readonly input: unknown; readonly key?: string }): Promise<Job>;
  /** Submits with a file, which becomes `input.file`. */
  submitFile(job: { readonly type: string; readonly input: object }, file: string): Promise<Answer<Job>>;
  get(id: string): Promise<Job>;
  act(id: string, action: Action, body?: object): Promise<Answer<Job>>;
  /** Waits until the job is in the state. */
  waitUntil(id: string, until: AwaitedState): Promise<Job>;
  history(id: string): Promise<readonly HistoryEntry[]>;
  bytes(path: string): Promise<Buffer>;
}

/** Longer than any job of a test takes on any machine. */
const JOB_MS = 240_000;
/** Where a server stands still for longer than its leases, its database ends what it was asked: it is asked again. */
const AWAY = 503;
const TRIES = 5;
const AGAIN_MS = 200;

export function createHttpClient(url: string): HttpClient {
  const call = async <T>(method: string, place: string, body?: unknown): Promise<Answer<T>> => {
    const headers = body === undefined ? undefined : { "content-type": "application/json" };
    const response = await fetch(url + place, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  const ask = async <T>(place: string): Promise<T> => {
    for (let tries = 1; ; tries += 1) {
      const { status, body } = await call<T>("GET", place);
      if (status === 200) return body;
      assert.ok(status === AWAY && tries < TRIES, `GET ${place}: ${status} ${JSON.stringify(body)}`);
      await sleep(AGAIN_MS);
    }
  };
  return {
    call,
    async submit(job) {
      const { status, body } = await call<Job>("POST", "/api/v1/jobs", job);
      assert.equal(status, 201, JSON.stringify(body));
      return body;
    },
    async submitFile(job, file) {
      const form = new FormData();
      form.set("job", JSON.stringify(job));
      form.set("file", await openAsBlob(file, { type: "text/csv" }), path.basename(file));
      const response = await fetch(`${url}/api/v1/jobs`, { method: "POST", body: form });
      return { status: response.status, body: (await response.json()) as Job };
    },
    get: (id) => ask(`/api/v1/jobs/${id}`),
    act: (id, action, body) => call("POST", `/api/v1/jobs/${id}/${action}`, body),
    waitUntil: (id, until) =>
      waitFor(
        async () => {
          const job = await ask<Job>(`/api/v1/jobs/${id}`);
          return (job.state === until || (until === "final" && isFinal(job.state))) && job;
        },
        { what: `job ${id} to be ${until}`, withinMs: JOB_MS },
      ),
    history: async (id) => (await ask<{ items: readonly HistoryEntry[] }>(`/api/v1/jobs/${id}/events`)).items,
    async bytes(place) {
      const response = await fetch(url + place);
      assert.equal(response.status, 200, `GET ${place}`);
      return Buffer.from(await response.arrayBuffer());
    },
  };
}
