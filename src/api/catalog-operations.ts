// What this server can run, and the data that its jobs made.
import { z } from "zod";
import type { JobTypeInfo } from "../domain/job-control.ts";
import { EXAMPLE_JOB_ID } from "./examples.ts";
import { json, queryInteger, time } from "./fields.ts";
import { operation } from "./operation.ts";

export const jobTypeListSchema: z.ZodType<{ readonly items: readonly JobTypeInfo[] }> = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      description: z.string(),
      input: json().describe("JSON Schema of the input, `null` when the type's schema library cannot tell."),
      canPause: z.boolean(),
      canRollback: z.boolean(),
      isolation: z.enum(["inline", "process"]),
      defaults: z.object({ queue: z.string(), maxAttempts: z.number(), timeoutMs: z.number().nullable() }),
      concurrency: z.object({ total: z.number().nullable(), perKey: z.number().nullable() }),
    }),
  ),
});

export const listJobTypes = operation({
  id: "listJobTypes",
  scope: "read",
  method: "GET",
  path: "/api/v1/job-types",
  tag: "Catalog",
  summary: "List job types",
  description: "What can be submitted here, with the JSON Schema of each input.",
  replies: {
    200: {
      description: "The job types.",
      schema: jobTypeListSchema,
      example: {
        items: [
          {
            name: "ticker",
            title: "Ticker",
            description: "Prints and logs a line at each tick.",
            input: { type: "object", properties: { times: { type: "integer" } } },
            canPause: true,
            canRollback: false,
            isolation: "inline",
            defaults: { queue: "default", maxAttempts: 3, timeoutMs: null },
            concurrency: { total: null, perKey: null },
          },
        ],
      },
    },
  },
  errors: [],
});

export const TEAMS_LIMIT = { default: 50, max: 1_000 };

export interface TeamPage {
  readonly items: readonly {
    readonly position: string;
    readonly name: string;
    readonly values: Readonly<Record<string, string>>;
    readonly jobId: string;
    readonly line: number;
    readonly at: string;
  }[];
  readonly nextAfter: string | null;
}

export const teamPageSchema: z.ZodType<TeamPage> = z.object({
  items: z.array(
    z.object({
      position: z.string(),
      name: z.string(),
      values: z.record(z.string(), z.string()).describe("All columns of the row, the name included."),
      jobId: z.string().describe("The job that made it."),
      line: z.number().describe("The line of the file that it came from, from 1."),
      at: time(),
    }),
  ),
  nextAfter: z.string().nullable().describe("Pass it as `after` to go on; `null` when there are no more for now."),
});

export const listTeams = operation({
  id: "listTeams",
  scope: "read",
  method: "GET",
  path: "/api/v1/teams",
  tag: "Catalog",
  summary: "Read teams",
  description: "What `bulk-teams` made, the oldest first, each with the job and the line that it came from.",
  query: z.strictObject({
    after: z.string().min(1).max(100).optional().describe("Only teams after this `position`."),
    limit: queryInteger(1, TEAMS_LIMIT.max).optional().describe(`At most this many. Default ${TEAMS_LIMIT.default}.`),
  }),
  replies: {
    200: {
      description: "Teams.",
      schema: teamPageSchema,
      example: {
        items: [
          {
            position: "1",
            name: "Red",
            values: { name: "Red", phone: "+44 1" },
            jobId: EXAMPLE_JOB_ID,
            line: 2,
            at: "2025-11-21T09:30:00.012Z",
          },
        ],
        nextAfter: null,
      },
    },
  },
  errors: [],
});

export interface DatasetListView {
  readonly items: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly rows: number;
    readonly imports: readonly { readonly jobId: string; readonly rows: number; readonly at: string }[];
  }[];
}

export const datasetListSchema: z.ZodType<DatasetListView> = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      columns: z.array(z.string()),
      rows: z.number(),
      imports: z.array(z.object({ jobId: z.string(), rows: z.number(), at: time() })),
    }),
  ),
});

export const listDatasets = operation({
  id: "listDatasets",
  scope: "read",
  method: "GET",
  path: "/api/v1/datasets",
  tag: "Catalog",
  summary: "List datasets",
  description: "The tables that imports filled, with the imports that did.",
  replies: {
    200: {
      description: "The datasets.",
      schema: datasetListSchema,
      example: {
        items: [
          {
            name: "contacts",
            columns: ["name", "phone"],
            rows: 41_200,
            imports: [{ jobId: EXAMPLE_JOB_ID, rows: 41_200, at: "2025-11-21T09:30:00.012Z" }],
          },
        ],
      },
    },
  },
  errors: [],
});

export const ROWS_LIMIT = { default: 50, max: 1_000 };

export interface DatasetRowPage {
  readonly items: readonly {
    readonly position: string;
    readonly values: Readonly<Record<string, string>>;
    readonly importJobId: string;
    readonly line: number;
  }[];
  readonly nextAfter: string | null;
}

export const datasetRowsSchema: z.ZodType<DatasetRowPage> = z.object({
  items: z.array(
    z.object({
      position: z.string(),
      values: z.record(z.string(), z.string()),
      importJobId: z.string(),
      line: z.number().describe("The line of the file that the row came from, from 1."),
    }),
  ),
  nextAfter: z.string().nullable().describe("Pass it as `after` to go on; `null` when there are no more for now."),
});

export const listDatasetRows = operation({
  id: "listDatasetRows",
  scope: "read",
  method: "GET",
  path: "/api/v1/datasets/{name}/rows",
  tag: "Catalog",
  summary: "Read rows of a dataset",
  description: "In import order, each with the import and the line that it came from.",
  params: z.strictObject({ name: z.string().describe("The dataset's name.") }),
  query: z.strictObject({
    after: z.string().min(1).max(100).optional().describe("Only rows after this `position`."),
    limit: queryInteger(1, ROWS_LIMIT.max).optional().describe(`At most this many. Default ${ROWS_LIMIT.default}.`),
  }),
  replies: {
    200: {
      description: "Rows.",
      schema: datasetRowsSchema,
      example: {
        items: [{ position: "1", values: { name: "Ada", phone: "+44 1" }, importJobId: EXAMPLE_JOB_ID, line: 2 }],
        nextAfter: null,
      },
    },
  },
  errors: ["not_found"],
});
