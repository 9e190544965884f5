// Steers the jobs of a server over HTTP, from a browser or from Node: the same `JobControl` as the manager of one's own
// process, and what the server offers beyond. It keeps nothing but its settings.
import { PawlError } from "../domain/errors.ts";
import type { JobControl } from "../domain/job-control.ts";
import { type ClientAccess, createAccess } from "./access.ts";
import { type Catalog, createCatalog } from "./catalog.ts";
import { type ClientClock, platformClock } from "./client-clock.ts";
import { type ClientArtifacts, type ClientFiles, createArtifacts, createFiles } from "./files.ts";
import { createFollow, type Follow } from "./follow.ts";
import { createSteering, type Steering } from "./job-control.ts";
import { type ClientQueues, createQueues } from "./queues.ts";
import { createRecords, type Records } from "./records.ts";
import { type ClientSchedules, createSchedules } from "./schedules.ts";
import { createSend } from "./send.ts";
import { createTransport } from "./transport.ts";
import { createWaitUntil } from "./wait-until.ts";

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:8080`. In a page that it serves: `location.origin`. */
  readonly url: string;
  /** `pawl_<id>_<secret>`. A page that is signed in leaves it out: its cookie stands for it. */
  readonly token?: string;
  /** How long a call goes on trying while the server is away or overloaded, in ms. Default 30,000; 0: it tries once. */
  readonly patienceMs?: number;
  /** Default: the platform's. Uploads with progress go another way in browsers. */
  readonly fetch?: typeof fetch;
  /** Default: the platform's. For tests. */
  readonly clock?: ClientClock;
}

/**
 * All of `JobControl`, with three differences that lie in the wire: who asks is whom the server knows by the token, whatever
 * `actor` says; `phase` and `digest` are refused, as a request cannot say them; and where nobody answers, the error is
 * `store_unavailable`, with `extras.outcome` `unknown` when the server may have done what was asked.
 */
export interface Client extends Steering, Records, Pick<JobControl, "waitUntil">, Catalog, ClientArtifacts, Follow {
  readonly access: ClientAccess;
  readonly files: ClientFiles;
  readonly queues: ClientQueues;
  readonly schedules: ClientSchedules;
}

const DEFAULTS = { patienceMs: 30_000, clock: platformClock } as const;

/**
 * Creates a client. Nothing is sent before the first call, and there is nothing to close. Throws `invalid_config` for a `url`
 * that is no address of a server, and for a `token` that no header can hold.
 *
 * @example
 * const client = createClient({ url: "http://127.0.0.1:8080" });
 * const job = await client.submit({ type: "ticker", input: { times: 3 } });
 * await client.waitUntil(job.id, "final");
 */
export function createClient(options: ClientOptions): Client {
  const { url, token, patienceMs, clock } = { ...DEFAULTS, ...options };
  checkSettings(options);
  // Asked for at each call: a browser's `fetch` wants to be called as its own.
  const fetch: typeof globalThis.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const transport = createTransport({ url, token, fetch, clock });
  const send = createSend({ transport, clock, patienceMs });
  const steering = createSteering(send);
  const records = createRecords(send);
  return {
    ...steering,
    ...records,
    ...createCatalog(send),
    ...createArtifacts(send, transport),
    ...createFollow({ transport, clock, logs: records.logs }),
    waitUntil: createWaitUntil({ send, get: steering.get, clock }),
    access: createAccess(send),
    files: createFiles(send, transport),
    queues: createQueues(send),
    schedules: createSchedules(send),
  };
}

/** What could never be sent would otherwise be tried again and again. */
function checkSettings({ url, token }: ClientOptions): void {
  const address = URL.canParse(url) ? new URL(url) : null;
  const plain = address && /^https?:$/.test(address.protocol) && !/[?#@]/.test(url);
  if (!plain) {
    throw new PawlError(
      "invalid_config",
      `url is "${url}"; use the address of a server, such as http://127.0.0.1:8080.`,
    );
  }
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return;
  throw new PawlError("invalid_config", "The token has characters that no token has. Was more than the token read?");
}
