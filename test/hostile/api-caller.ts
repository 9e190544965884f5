// The API as one who holds a token calls it. Throws what was answered unless it is a success.

/** Sends JSON, or a text as a file, or nothing; answers the JSON of the reply. */
export type CallApi = <T>(method: string, path: string, body?: object | string) => Promise<T>;

export function createApiCaller(url: string, token: string | null): CallApi {
  return async (method, path, body) => {
    const type = typeof body === "string" ? "text/csv" : "application/json";
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": type }),
      },
      body: typeof body === "object" ? JSON.stringify(body) : body,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
}

/** Makes a token; answers the token itself. */
export async function makeToken(
  call: CallApi,
  token: { readonly name: string; readonly scope: string; readonly expiresInMs?: number },
): Promise<{ readonly id: string; readonly token: string }> {
  return await call("POST", "/api/v1/tokens", token);
}
