// A server, and earlier API 3 on it in short.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type CompatServerOptions, compatServerFor, ENDLESS_MS } from "./support.ts";

export const EXPORT = { Type: "Export", args: { from_date: "2019-Jan-30", to_date: "2019-Feb-02" } };
export const NO_JOB = "019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f";
export const STEERINGS = ["halt", "resume", "stop"] as const;

export interface Steered {
  readonly jobID: string;
  readonly message?: string;
  readonly error?: string;
  readonly details?: Readonly<Record<string, string>>;
}

/** Starts it; it ends with the test. */
export async function start(t: TestContext, options: CompatServerOptions = {}) {
  const pawl = await compatServerFor(t, options);
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await pawl.call(method, path, body);
    return { status: answer.status, body: answer.body as Steered };
  };
  const submit = async (body: unknown): Promise<string> => {
    const answer = await ask("POST", "/submit", body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.jobID;
  };
  return {
    ...pawl,
    ask,
    submit,
    /** Submits a Simple that goes on until it is steered. */
    async running(): Promise<string> {
      const { id } = await pawl.manager.submit({ type: "simple", input: { stepMs: ENDLESS_MS } });
      await pawl.until(id, "running");
      return id;
    },
    statusOf: async (id: string) => (await ask("GET", `/details/${id}`)).body.details?.status,
  };
}

export const success = (jobID: string, details = {}) => ({ status: 200, body: { jobID, message: "Success", details } });
export const refusal = (status: number, jobID: string, error: string) => ({ status, body: { jobID, error } });
