// One try of an upload. Progress is told in the way that the platform has: browsers count what they send for
// XMLHttpRequest only, and elsewhere the body is counted as it is read.
import type { FileView } from "../api/file-operations.ts";
import { foreignReply, fromNetwork, fromRefusal, readJson } from "./failure.ts";
import { ROUTES } from "./routes.ts";
import { outgoingOf, type ReadOptions } from "./send.ts";
import type { Outgoing, Transport, Tried } from "./transport.ts";

export interface UploadOptions extends ReadOptions {
  /** Default: the file's own name, where it has one. */
  readonly name?: string;
  /** Hears how many bytes have left, of how many. */
  readonly onProgress?: (progress: { readonly sent: number; readonly total: number }) => void;
}

/** A large file over a slow line. */
const UPLOAD_WITHIN_MS = 24 * 3_600_000;

export function tryUpload(transport: Transport, file: Blob, options: UploadOptions): Promise<Tried<FileView>> {
  const { onProgress, signal } = options;
  const name = options.name ?? ("name" in file && typeof file.name === "string" ? file.name : undefined);
  const headers = { "content-type": file.type || "application/octet-stream" };
  const outgoing = outgoingOf(ROUTES.uploadFile, { query: { name }, headers });
  const Browsers: unknown = Reflect.get(globalThis, "XMLHttpRequest");
  if (onProgress && isXhr(Browsers)) return tryXhr(new Browsers(), { transport, outgoing, file, onProgress, signal });
  const read = async (response: Response): Promise<FileView> => {
    const value = readJson(await response.text());
    if (isFile(value)) return value;
    throw foreignReply(response.status, transport.origin);
  };
  const body = onProgress ? counted(file, onProgress) : file;
  return transport.try({ ...outgoing, body }, { read, withinMs: UPLOAD_WITHIN_MS, signal });
}

type OnProgress = NonNullable<UploadOptions["onProgress"]>;

function counted(file: Blob, onProgress: OnProgress): ReadableStream<Uint8Array> {
  let sent = 0;
  return file.stream().pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        sent += chunk.byteLength;
        onProgress({ sent, total: file.size });
        controller.enqueue(chunk);
      },
    }),
  );
}

/** What is used of XMLHttpRequest: Node has none, nor its types. */
interface Xhr {
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  send(body: Blob): void;
  abort(): void;
  getResponseHeader(name: string): string | null;
  readonly status: number;
  readonly responseText: string;
  readonly upload: { onprogress: ((event: { readonly loaded: number }) => void) | null };
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
}

const isXhr = (value: unknown): value is new () => Xhr => typeof value === "function";

interface XhrUpload {
  readonly transport: Transport;
  readonly outgoing: Outgoing;
  readonly file: Blob;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

function tryXhr(xhr: Xhr, { transport, outgoing, file, onProgress, signal }: XhrUpload): Promise<Tried<FileView>> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => xhr.abort();
    const end = (act: () => void) => () => {
      signal?.removeEventListener("abort", onAbort);
      act();
    };
    signal?.addEventListener("abort", onAbort);
    xhr.open(outgoing.method, transport.url(outgoing.target));
    for (const [name, value] of Object.entries(transport.headers(outgoing.headers))) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded }) => onProgress({ sent: loaded, total: file.size });
    xhr.onload = end(() => resolve(answerOf(xhr, transport.origin)));
    xhr.onerror = end(() =>
      resolve({ ok: false, failure: fromNetwork(new Error("the upload broke off"), transport.origin) }),
    );
    xhr.onabort = end(() => reject(signal?.reason));
    xhr.send(file);
  });
}

function answerOf(xhr: Xhr, origin: string): Tried<FileView> {
  const { status, responseText: text } = xhr;
  const value = status === 201 ? readJson(text) : undefined;
  if (isFile(value)) return { ok: true, value };
  const header = (name: string) => xhr.getResponseHeader(name);
  return { ok: false, failure: fromRefusal({ status, text, header }, origin) };
}

const isFile = (value: unknown): value is FileView => typeof value === "object" && value !== null && "id" in value;
