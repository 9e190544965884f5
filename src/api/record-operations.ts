// What a job left behind: history, log lines, artifacts.
import { z } from "zod";
import { exampleArtifact, exampleEntry, exampleLine } from "./examples.ts";
import { artifactListSchema } from "./job.ts";
import { jobParams } from "./job-operations.ts";
import { operation } from "./operation.ts";
import { historyPageSchema, logPageSchema, recordsQuery } from "./records.ts";

const DOWNLOAD_HEADERS = {
  "Content-Disposition": "attachment; filename=\"export.csv\"; filename*=UTF-8''export.csv",
  "Content-Length": "4812345",
  ETag: '"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
} as const;

const BYTES = { mediaType: "application/octet-stream", headers: { ...DOWNLOAD_HEADERS, "Accept-Ranges": "bytes" } };

export const DOWNLOAD_REPLIES = {
  200: { description: "The bytes.", ...BYTES },
  206: {
    description: "The part that was asked for.",
    ...BYTES,
    headers: { ...BYTES.headers, "Content-Range": "bytes 0-99/4812345", "Content-Length": "100" },
  },
} as const;

export const RANGE_HEADERS = {
  Range: "`bytes=0-99`, `bytes=100-` or `bytes=-100`.",
  "If-Range": "An `ETag`: the range counts only while the file is that one.",
} as const;

export const listEvents = operation({
  id: "listEvents",
  scope: "read",
  method: "GET",
  path: "/api/v1/jobs/{id}/events",
  tag: "Records",
  summary: "Read a job's history",
  description: "Everything that happened to it, oldest first, without gaps.",
  params: jobParams,
  query: recordsQuery,
  replies: {
    200: { description: "Entries.", schema: historyPageSchema, example: { items: [exampleEntry], nextAfter: null } },
  },
  errors: ["job_not_found"],
});

export const listLogs = operation({
  id: "listLogs",
  scope: "read",
  method: "GET",
  path: "/api/v1/jobs/{id}/logs",
  tag: "Records",
  summary: "Read a job's log",
  description: "Oldest first. Of a long log the newest lines are kept.",
  params: jobParams,
  query: recordsQuery,
  replies: {
    200: { description: "Lines.", schema: logPageSchema, example: { items: [exampleLine], nextAfter: null } },
  },
  errors: ["job_not_found"],
});

export const listArtifacts = operation({
  id: "listArtifacts",
  scope: "read",
  method: "GET",
  path: "/api/v1/jobs/{id}/artifacts",
  tag: "Records",
  summary: "List the files that a job made",
  description: "What can be downloaded now.",
  params: jobParams,
  replies: { 200: { description: "The files.", schema: artifactListSchema, example: { items: [exampleArtifact] } } },
  errors: ["job_not_found"],
});

export const downloadArtifact = operation({
  id: "downloadArtifact",
  scope: "read",
  method: "GET",
  path: "/api/v1/jobs/{id}/artifacts/{name}",
  tag: "Records",
  summary: "Download a file that a job made",
  description:
    "As an attachment; `ETag` is the SHA-256 of its bytes. One range at a time, with `If-Range` where wanted.",
  params: z.strictObject({ ...jobParams.shape, name: z.string().describe("The file's name, as the list shows it.") }),
  headers: RANGE_HEADERS,
  replies: DOWNLOAD_REPLIES,
  errors: ["job_not_found", "not_found", "range_not_satisfiable"],
});
