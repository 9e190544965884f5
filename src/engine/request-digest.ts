// What makes two requests the same: the digest of their JSON, in whatever order their fields stand.

/**
 * SHA-256 of `request` as JSON with sorted names, lower-case hex. Fields that are `undefined` count as left out.
 *
 * @example
 * (await digestOf({ a: 1, b: 2 })) === (await digestOf({ b: 2, a: 1 })); // true
 */
export async function digestOf(request: unknown): Promise<string> {
  const text = JSON.stringify(request, sorted) ?? "null";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function sorted(_name: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
