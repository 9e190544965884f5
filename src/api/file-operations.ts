// Files that jobs read: stored first, then named by id in a job's input.
import { z } from "zod";
import { EXAMPLE_FILE_ID, exampleFile } from "./examples.ts";
import { operation } from "./operation.ts";
import { DOWNLOAD_REPLIES, RANGE_HEADERS } from "./record-operations.ts";

/** A stored file, as replies show it. */
export interface FileView {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly mediaType: string;
}

export const fileSchema: z.ZodType<FileView> = z.object({
  id: z.string().describe("What a job's input names it by."),
  name: z.string(),
  size: z.number().describe("Bytes."),
  sha256: z.string().describe("Lower-case hex, computed on the way."),
  mediaType: z.string(),
});

export const uploadFile = operation({
  id: "uploadFile",
  scope: "operate",
  method: "POST",
  path: "/api/v1/files",
  tag: "Files",
  summary: "Upload a file",
  description:
    "As `multipart/form-data` with one file field, or as the body itself under any other content type. It is streamed to " +
    "the disk, and durable when this answers.",
  query: z.strictObject({
    name: z.string().min(1).max(255).optional().describe("The file's name, for a body that is the file itself."),
  }),
  upload: "one-file",
  replies: {
    201: {
      description: "Stored. `Location` names it.",
      schema: fileSchema,
      headers: { Location: `/api/v1/files/${EXAMPLE_FILE_ID}` },
      example: exampleFile,
    },
  },
  errors: ["quota_exceeded", "storage_full"],
});

export const downloadFile = operation({
  id: "downloadFile",
  scope: "read",
  method: "GET",
  path: "/api/v1/files/{id}",
  tag: "Files",
  summary: "Download a file",
  description:
    "As an attachment; `ETag` is the SHA-256 of its bytes. One range at a time, with `If-Range` where wanted.",
  params: z.strictObject({ id: z.string().describe("The file's id.") }),
  headers: RANGE_HEADERS,
  replies: DOWNLOAD_REPLIES,
  errors: ["not_found", "range_not_satisfiable"],
});
