// Files: in with progress, out as streams.
import type { FileView } from "../api/file-operations.ts";
import { ROUTES } from "./routes.ts";
import { outgoingOf, type ReadOptions, type Send } from "./send.ts";
import type { Transport } from "./transport.ts";
import { tryUpload, type UploadOptions } from "./upload.ts";

export type { FileView, UploadOptions };

export interface ClientFiles {
  /**
   * Stores a file; its `id` is what a job's input names it by. It is durable when this resolves. In Node,
   * `openAsBlob(path)` makes a file of the disk one that is not read into memory.
   * Rejects with `payload_too_large`, `quota_exceeded` or `storage_full`.
   *
   * @example
   * const { id } = await client.files.upload(new File(["name\nAda\n"], "people.csv", { type: "text/csv" }));
   * await client.submit({ type: "csv-import", input: { file: id, dataset: "people" } });
   */
  upload(file: Blob, options?: UploadOptions): Promise<FileView>;
  /** The reply whose body are the file's bytes, as they arrive. Rejects with `not_found`. */
  download(id: string, options?: ReadOptions): Promise<Response>;
  /** Where a browser that is signed in can load it from. */
  url(id: string): string;
}

export interface ClientArtifacts {
  /** The reply whose body are the artifact's bytes, as they arrive. Rejects with `job_not_found` or `not_found`. */
  downloadArtifact(id: string, name: string, options?: ReadOptions): Promise<Response>;
  /** Where a browser that is signed in can load it from. */
  artifactUrl(id: string, name: string): string;
}

/** How long the server may take to begin. */
const BEGIN_WITHIN_MS = 30_000;

export function createFiles(send: Send, transport: Transport): ClientFiles {
  return {
    upload: (file, options = {}) =>
      send.persist(() => tryUpload(transport, file, options), {
        repeatable: false,
        change: true,
        signal: options.signal,
      }),
    download: (id, options) => download(send, transport, { target: fileTarget(id), ...options }),
    url: (id) => transport.url(fileTarget(id)),
  };
}

export function createArtifacts(send: Send, transport: Transport): ClientArtifacts {
  return {
    downloadArtifact: (id, name, options) =>
      download(send, transport, { target: artifactTarget(id, name), ...options }),
    artifactUrl: (id, name) => transport.url(artifactTarget(id, name)),
  };
}

const fileTarget = (id: string) => outgoingOf(ROUTES.downloadFile, { params: { id } }).target;
const artifactTarget = (id: string, name: string) =>
  outgoingOf(ROUTES.downloadArtifact, { params: { id, name } }).target;

interface Download extends ReadOptions {
  readonly target: string;
}

async function download(send: Send, transport: Transport, { target, signal }: Download): Promise<Response> {
  const read = async (response: Response) => response;
  const outgoing = { method: "GET", target, headers: {} };
  return send.persist(() => transport.try(outgoing, { read, withinMs: BEGIN_WITHIN_MS, signal }), {
    repeatable: true,
    change: false,
    signal,
  });
}
