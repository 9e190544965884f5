// A whole server for one test of the earlier APIs: every shipped job type, real store, real sockets, every reply checked
// against the contract. How long its jobs take is for the test to say.
import type { TestContext } from "node:test";
import type { Job } from "../../../src/domain/job.ts";
import type { AwaitedState } from "../../../src/domain/job-control.ts";
import { createHttpServer, type HttpServer, type HttpServerOptions } from "../../../src/http/index.ts";
import { createBulkTeams } from "../../../src/jobs/bulk-teams.ts";
import { createCsvImport } from "../../../src/jobs/csv-import.ts";
import type { DataStore } from "../../../src/jobs/data/data-store.ts";
import { createDataExport } from "../../../src/jobs/data-export.ts";
import { createDayExport } from "../../../src/jobs/day-export.ts";
import { createFileTask } from "../../../src/jobs/file-task.ts";
import { createReverseText } from "../../../src/jobs/reverse-text.ts";
import { createSimple } from "../../../src/jobs/simple.ts";
import { createTicker } from "../../../src/jobs/ticker.ts";
import type { TestManager, TestManagerOptions } from "../../../src/testing/test-manager.ts";
import { openData } from "../../support/data-store.ts";
import { startManager } from "../../support/test-manager.ts";

/** Longer than any test: a job that takes this long is steered, not awaited. */
export const ENDLESS_MS = 3_600_000;

export interface CompatServerOptions {
  /** How long the jobs' waits are, in ms. Default 1. */
  readonly simpleStepMs?: number;
  readonly dayMs?: number;
  readonly reverseDelayMs?: number;
  readonly fileTaskStepMs?: number;
  readonly reverseWorkers?: number;
  /** Job types that take the place of the shipped ones of the same name. */
  readonly replaced?: TestManagerOptions["jobs"];
  readonly manager?: Pick<TestManagerOptions, "concurrency" | "queueLimit" | "storage">;
  readonly server?: Partial<HttpServerOptions>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON where it is JSON, else the text. */
  readonly body: unknown;
}

export interface CompatServer {
  readonly url: string;
  readonly server: HttpServer;
  readonly pawl: TestManager;
  readonly manager: TestManager["manager"];
  readonly data: DataStore;
  /** What tickers printed. */
  readonly printed: readonly string[];
  /** Sends JSON (a string as it is, a form as a form, or nothing). */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** One more server over the same jobs, which listens to nothing. */
  another(options: Partial<HttpServerOptions>): HttpServer;
  /** Waits for a job's state. */
  until(id: string, state: AwaitedState | readonly AwaitedState[]): Promise<Job>;
}

/** Starts a server that ends with the test. */
export async function compatServerFor(t: TestContext, options: CompatServerOptions = {}): Promise<CompatServer> {
  const storedData = await openData();
  const { data } = storedData;
  const printed: string[] = [];
  const { simpleStepMs = 1, dayMs = 1, reverseDelayMs = 1, fileTaskStepMs = 1, reverseWorkers = 3 } = options;
  const { replaced = [] } = options;
  const shipped: TestManagerOptions["jobs"] = [
    createCsvImport({ data }),
    createDataExport({ data }),
    createBulkTeams({ data }),
    createTicker({ print: (line) => printed.push(line) }),
    createSimple({ stepMs: simpleStepMs }),
    createDayExport({ dayMs }),
    createReverseText({ delayMs: reverseDelayMs, workers: reverseWorkers }),
    createFileTask({ stepMs: fileTaskStepMs }),
  ];
  const kept = shipped.filter(({ type }) => !replaced.some((other) => other.type === type));
  const pawl = await startManager({ jobs: [...kept, ...replaced], ...options.manager });
  const { manager } = pawl;
  const another = (more: Partial<HttpServerOptions>) =>
    createHttpServer({
      manager,
      datasets: data.catalog,
      teams: data.teams,
      port: 0,
      compat: { baselineDateColumn: null },
      validateReplies: true,
      ...more,
    });
  const server = another(options.server ?? {});
  t.after(async () => {
    await server.close();
    await pawl.stop();
    await storedData.remove();
  });
  const { url } = await server.listen();
  return {
    url,
    server,
    pawl,
    manager,
    data,
    printed,
    another,
    call: async (method, path, body, headers = {}) => {
      const sent = typeof body === "string" || body instanceof FormData ? body : JSON.stringify(body);
      const response = await fetch(url + path, { method, headers, body: sent ?? null, redirect: "manual" });
      const text = await response.text();
      const isJson = text !== "" && /\bjson\b/.test(response.headers.get("content-type") ?? "");
      return {
        status: response.status,
        headers: response.headers,
        body: isJson ? JSON.parse(text) : text,
      };
    },
    until: (id, state) => manager.waitUntil(id, state),
  };
}
