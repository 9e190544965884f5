// Asks a server with headers that fetch would not send, over no socket.
import type { Problem } from "../../src/api/problem.ts";
import type { HttpServer } from "../../src/http/index.ts";

export interface Call {
  readonly method?: "GET" | "HEAD" | "POST" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** The address of whoever connects. */
  readonly from?: string;
}

export interface Reply<T> {
  readonly status: number;
  /** Of problem details. */
  readonly code: string | null;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** What `Set-Cookie` says. */
  readonly cookie: string;
  readonly body: T;
  readonly text: string;
}

export async function ask<T = Problem>(server: HttpServer, url: string, call: Call = {}): Promise<Reply<T>> {
  const { method = "GET", headers = {}, body, from } = call;
  const response = await server.app.inject({
    method,
    url,
    headers: {
      host: "localhost",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    payload: body === undefined ? undefined : JSON.stringify(body),
    remoteAddress: from,
  });
  const isJson = String(response.headers["content-type"]).includes("json");
  const parsed = isJson && response.body !== "" ? response.json() : undefined;
  const isProblem = String(response.headers["content-type"]).startsWith("application/problem+json");
  return {
    status: response.statusCode,
    code: isProblem ? (parsed?.code ?? null) : null,
    headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, value?.toString()])),
    cookie: [response.headers["set-cookie"] ?? []].flat().join("\n"),
    body: parsed,
    text: response.body,
  };
}
