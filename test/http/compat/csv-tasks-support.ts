// Earlier API 2 on a server of its own, in short.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Job } from "../../../src/domain/job.ts";
import { type Answer, type CompatServer, type CompatServerOptions, compatServerFor, ENDLESS_MS } from "./support.ts";

export interface TaskAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface CsvTasks extends CompatServer {
  /** A form with a file in its field `file`. */
  form(content: string): FormData;
  upload(path: "/uploadCSV" | "/createBulkTeam", content: string): Promise<TaskAnswer>;
  update(id: string, action: string): Promise<TaskAnswer>;
  /** Stores a file without a job, and answers its id. */
  store(content: string): Promise<string>;
  /** The newest job with this id of the API. */
  jobOf(id: string): Promise<Job>;
  /** The same, when it is final. */
  finished(id: string): Promise<Job>;
  /** Exports, and downloads the file. */
  exported(range: object): Promise<{ readonly id: string; readonly text: string }>;
  /** The rows of the dataset; `null`: there is none. */
  rows(): Promise<readonly unknown[] | null>;
  /** Takes one worker for good. */
  hold(): Promise<void>;
}

export async function startCsvTasks(t: TestContext, options: CompatServerOptions = {}): Promise<CsvTasks> {
  const pawl = await compatServerFor(t, options);
  const { call, manager } = pawl;
  const told = ({ status, body }: Answer): TaskAnswer => ({ status, body: Object(body) });
  const form = (content: string) => {
    const filled = new FormData();
    filled.set("file", new Blob([content], { type: "text/csv" }), "rows.csv");
    return filled;
  };
  const jobOf = async (id: string) => {
    const [summary] = (await manager.list({ key: id })).items;
    const job = await manager.get(summary?.id ?? "");
    assert.ok(job, id);
    return job;
  };
  const finished = async (id: string) => pawl.until((await jobOf(id)).id, "final");
  return {
    ...pawl,
    form,
    jobOf,
    finished,
    upload: async (path, content) => told(await call("POST", path, form(content))),
    update: async (id, action) => told(await call("GET", `/updateTask?id=${id}&action=${action}`)),
    async store(content) {
      const file = { name: "rows.csv", mediaType: "text/csv", maxBytes: 2 ** 30 };
      return (await manager.files.upload(new Blob([content]).stream(), file)).id;
    },
    async exported(range) {
      const { status, body } = told(await call("POST", "/exportData", range));
      assert.equal(status, 200);
      const id = String(body["Job ID"]);
      const job = await finished(id);
      assert.equal(job.state, "succeeded", job.error?.message);
      return { id, text: String((await call("GET", `/api/v1/jobs/${job.id}/artifacts/export.csv`)).body) };
    },
    async rows() {
      const { status, body } = await call("GET", "/api/v1/datasets/baseline/rows");
      if (status === 404) return null;
      return (body as { items: { values: unknown }[] }).items.map(({ values }) => values);
    },
    async hold() {
      const { id } = await manager.submit({ type: "simple", input: { stepMs: ENDLESS_MS } });
      await pawl.until(id, "running");
    },
  };
}
