// Sends requests, and tries again what may be tried again: what the server said it has not done, what was never sent, and
// after a lost answer only what does no harm twice. A caller is never told "not done" of what may have been done.
import type { ErrorCode, PawlError } from "../domain/errors.ts";
import { backoffMs } from "../domain/retry.ts";
import { type ClientClock, delay } from "./client-clock.ts";
import { type Failure, foreignReply, outcomeUnknown, readJson } from "./failure.ts";
import type { BodyFor, Operation, ParamsFor, QueryFor, ResultOf, Route } from "./routes.ts";
import { pathOf, queryOf } from "./target.ts";
import type { Outgoing, Transport, Tried } from "./transport.ts";

/** A part of a request: to be given where the operation has one that is not optional. */
type Part<Name extends string, T> = [T] extends [undefined]
  ? { readonly [N in Name]?: undefined }
  : undefined extends T
    ? { readonly [N in Name]?: T }
    : { readonly [N in Name]: T };

/** Of a request that changes nothing. */
export interface ReadOptions {
  /** Gives the request up. */
  readonly signal?: AbortSignal;
}

export interface SendOptions extends ReadOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Overrides what the route says. */
  readonly repeatable?: boolean;
  /** How long the server may take to answer, in ms. */
  readonly withinMs?: number;
  /** How long to go on trying, in ms. Default: as the client's options say. */
  readonly patienceMs?: number;
}

interface AnyParts {
  readonly params?: object;
  readonly query?: object;
  readonly body?: unknown;
}

export type Request<T extends Operation> = SendOptions &
  AnyParts &
  Part<"params", ParamsFor<T>> &
  Part<"body", BodyFor<T>> & { readonly query?: QueryFor<T> };

export interface Answer<T extends Operation> {
  readonly status: number;
  readonly body: ResultOf<T>;
}

export interface Send {
  /** Rejects with the error that the server's own manager would throw, and with `store_unavailable` when nobody answers. */
  <T extends Operation>(route: Route<T>, request: Request<T>): Promise<Answer<T>>;
  /** Tries until it is no use any more. */
  persist<T>(attempt: () => Promise<Tried<T>>, options: PersistOptions): Promise<T>;
}

export interface PersistOptions {
  readonly repeatable: boolean;
  /** Whether it changes anything. */
  readonly change: boolean;
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

export interface SendServices {
  readonly transport: Transport;
  readonly clock: ClientClock;
  readonly patienceMs: number;
}

/** How long a plain request may take. */
const ANSWER_WITHIN_MS = 30_000;
const RETRY = { kind: "exponential", baseMs: 200, maxMs: 10_000 } as const;

export function createSend(services: SendServices): Send {
  const { transport, clock } = services;

  const persist: Send["persist"] = async (attempt, options) => {
    const { repeatable, change, signal, patienceMs = services.patienceMs } = options;
    const deadline = clock.monotonic() + patienceMs;
    let maybeDone = false;
    for (let tries = 1; ; tries += 1) {
      const tried = await attempt();
      if (tried.ok) return tried.value;
      const { failure } = tried;
      maybeDone ||= failure.maybeDone;
      const waitMs = waitBefore(failure, tries);
      const hopeful = failure.passing && (repeatable || !failure.maybeDone);
      if (!hopeful || clock.monotonic() + waitMs > deadline) throw errorOf(failure, change && maybeDone);
      await delay(clock, waitMs, signal);
    }
  };

  const send = async <T extends Operation>(route: Route<T>, request: Request<T>): Promise<Answer<T>> => {
    const outgoing = outgoingOf(route, request);
    const { signal, patienceMs, withinMs = ANSWER_WITHIN_MS, repeatable = route.repeatable } = request;
    const read = (response: Response) => readAnswer<T>(response, transport.origin);
    const options = { repeatable, change: route.method !== "GET", patienceMs, signal };
    return persist(() => transport.try(outgoing, { read, withinMs, signal }), options);
  };
  return Object.assign(send, { persist });
}

export const waitBefore = ({ retryAfterMs }: Failure, tries: number): number =>
  Math.max(retryAfterMs, backoffMs(RETRY, tries, Math.random()));

/** Who is turned away at the entrance hears nothing of what an earlier try did. */
const TURNED_AWAY: readonly ErrorCode[] = ["unauthenticated", "forbidden", "misdirected_request"];

/** What was tried for nothing. Any other reply that says no is the last word: it knows of the earlier tries. */
function errorOf(failure: Failure, maybeDone: boolean): PawlError {
  const { error, passing } = failure;
  const open = passing || failure.maybeDone || TURNED_AWAY.includes(error.code);
  return maybeDone && open ? outcomeUnknown(failure) : error;
}

export function outgoingOf<T extends Operation>(
  { method, path }: Route<T>,
  { params, query, body, headers = {} }: Request<T>,
): Outgoing {
  const target = pathOf(path, params) + queryOf(query);
  if (body === undefined) return { method, target, headers };
  return { method, target, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

async function readAnswer<T extends Operation>(response: Response, origin: string): Promise<Answer<T>> {
  const text = await response.text();
  const { status } = response;
  if (status === 204) return { status, body: undefined as ResultOf<T> };
  const body = response.headers.get("content-type")?.startsWith("application/json") ? readJson(text) : undefined;
  if (!isReply<T>(body)) throw foreignReply(status, origin);
  return { status, body };
}

/** The server writes its replies by the schemas that these types come from. */
const isReply = <T extends Operation>(value: unknown): value is ResultOf<T> =>
  typeof value === "object" && value !== null;
