// One try of one request: who is asked, as whom, and for how long. It answers what came back or what went wrong, and throws
// only what the caller's own signal says.
import { PawlError } from "../domain/errors.ts";
import type { ClientClock } from "./client-clock.ts";
import { type Failure, fromNetwork, fromRefusal, fromStranger } from "./failure.ts";

/** A request, ready to be sent. */
export interface Outgoing {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestInit["body"];
}

export interface Try<T> {
  /** Reads what it needs of a success. Throws a `PawlError` for what Pawl would not say; anything else is a broken connection. */
  readonly read: (response: Response) => Promise<T>;
  /** How long the server may take until `read` has read, in ms. */
  readonly withinMs: number;
  readonly signal?: AbortSignal;
}

export type Tried<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export interface Transport {
  /** For messages. */
  readonly origin: string;
  try<T>(outgoing: Outgoing, options: Try<T>): Promise<Tried<T>>;
  url(target: string): string;
  headers(own: Readonly<Record<string, string>>): Record<string, string>;
}

export interface TransportOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch: typeof fetch;
  readonly clock: ClientClock;
}

/** What `AbortController.abort` is given when the server takes too long. */
class TooSlow extends Error {}

export function createTransport({ url: base, token, fetch, clock }: TransportOptions): Transport {
  const origin = base.replace(/\/+$/, "");
  const url = (target: string) => origin + target;
  const headers = (own: Readonly<Record<string, string>>) => ({
    ...own,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  });
  return {
    origin,
    url,
    headers,
    async try({ method, target, headers: own, body }, { read, withinMs, signal }) {
      signal?.throwIfAborted();
      const timeout = new AbortController();
      const cancelTimeout = clock.after(withinMs, () =>
        timeout.abort(new TooSlow(`it did not answer within ${withinMs} ms`)),
      );
      const request = {
        method,
        headers: headers(own),
        body,
        // A browser would otherwise show old replies, and ask for a changed method after a redirect.
        cache: "no-store",
        redirect: "error",
        signal: signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal,
        duplex: "half",
      } as const;
      try {
        const response = await fetch(url(target), request);
        if (response.ok) return { ok: true, value: await read(response) };
        return { ok: false, failure: fromRefusal(await refusalOf(response), origin) };
      } catch (error) {
        signal?.throwIfAborted();
        return { ok: false, failure: error instanceof PawlError ? fromStranger(error) : fromNetwork(error, origin) };
      } finally {
        cancelTimeout();
      }
    },
  };
}

async function refusalOf(response: Response) {
  return {
    status: response.status,
    text: await response.text(),
    header: (name: string) => response.headers.get(name),
  };
}
