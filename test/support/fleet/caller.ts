// A caller who does what the docs advise: a request that is not answered is sent again, to any server, with the same key.
// What it resolves with was acknowledged.
import { setTimeout as sleep } from "node:timers/promises";
import type { HistoryEntry } from "../../../src/domain/history.ts";
import type { Job } from "../../../src/domain/job.ts";
import type { Action } from "../../../src/domain/lifecycle.ts";
import type { Random } from "../random.ts";
import type { Member } from "./members.ts";

export interface Caller {
  /** The id of the job that was acknowledged. */
  submit(key: string, job: object): Promise<string>;
  submitFile(key: string, job: object, file: Blob): Promise<string>;
  /** Whether it was taken; `false`: refused, as the job's state does not allow it. */
  ask(id: string, action: Action, requestId: string): Promise<boolean>;
  get(id: string): Promise<Job>;
  history(id: string): Promise<readonly HistoryEntry[]>;
  /** Any GET that answers JSON. */
  read<T>(place: string): Promise<T>;
}

/** Longer than any fault, so that giving up is the test's failure. */
const PATIENCE_MS = 120_000;
const REQUEST_MS = 3_000;
const AGAIN_MS = 100;

interface Answer {
  readonly status: number;
  readonly text: string;
}

export function createCaller(members: readonly Member[], random: Random): Caller {
  async function tryOnce(place: string, request: RequestInit): Promise<Answer | null> {
    const urls = members.map((member) => member.url()).filter((url) => url !== null);
    const url = urls[random.between(0, urls.length - 1)];
    if (url === undefined) return null;
    try {
      const reply = await fetch(url + place, { ...request, signal: AbortSignal.timeout(REQUEST_MS) });
      return { status: reply.status, text: await reply.text() };
    } catch {
      return null;
    }
  }

  /** The first answer that says more than that the server or the database is away. */
  async function call(place: string, request: RequestInit = {}): Promise<Answer> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await tryOnce(place, request);
      if (answer && answer.status < 500 && answer.status !== 429) return answer;
      if (Date.now() > deadline) throw new Error(`${place} was never answered: ${JSON.stringify(answer)}`);
      await sleep(AGAIN_MS);
    }
  }

  async function expect<T>(place: string, statuses: readonly number[], request?: RequestInit): Promise<T> {
    const { status, text } = await call(place, request);
    if (!statuses.includes(status)) throw new Error(`${place} answered ${status}: ${text}`);
    return JSON.parse(text);
  }

  const read = <T>(place: string) => expect<T>(`/api/v1${place}`, [200]);
  const json = (body: object) => ({ method: "POST", body: JSON.stringify(body) });
  const JSON_TYPE = { "content-type": "application/json" };

  return {
    async submit(key, job) {
      const headers = { ...JSON_TYPE, "idempotency-key": key };
      return (await expect<Job>("/api/v1/jobs", [200, 201], { ...json(job), headers })).id;
    },
    async submitFile(key, job, file) {
      const body = new FormData();
      body.set("job", JSON.stringify(job));
      body.set("file", file, "rows.csv");
      const headers = { "idempotency-key": key };
      return (await expect<Job>("/api/v1/jobs", [200, 201], { method: "POST", body, headers })).id;
    },
    async ask(id, action, requestId) {
      const request = { ...json({ requestId, reason: requestId }), headers: JSON_TYPE };
      const { status, text } = await call(`/api/v1/jobs/${id}/${action}`, request);
      if (![200, 202, 409].includes(status)) throw new Error(`${action} of ${id} answered ${status}: ${text}`);
      return status !== 409;
    },
    get: (id) => read(`/jobs/${id}`),
    history: async (id) => (await read<{ items: readonly HistoryEntry[] }>(`/jobs/${id}/events`)).items,
    read,
  };
}
