// The path and query of a request. A value can neither leave its place in the path nor become two values of the query.
import { invalidRequest, jobNotFound, PawlError } from "../domain/errors.ts";

/** Fills the parameters of a path in. Throws what the server would answer to a name that no path can hold. */
export function pathOf(template: string, params: object = {}): string {
  const values = new Map<string, unknown>(Object.entries(params));
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(values.get(name));
    // "." and ".." would be taken for steps, and an empty name for none.
    if (!/^\.{0,2}$/.test(value) && value.isWellFormed()) return encodeURIComponent(value);
    if (template.startsWith("/api/v1/jobs/{id}") && name === "id") throw jobNotFound(value);
    throw new PawlError("not_found", `There is nothing of the name "${value}".`);
  });
}

/** A query with its question mark, or nothing. */
export function queryOf(values: object = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (Array.isArray(value)) checkList(name, value);
    query.set(name, String(value));
  }
  const text = query.toString();
  return text && `?${text}`;
}

function checkList(name: string, values: readonly unknown[]): void {
  const split = values.find((value) => String(value).includes(","));
  if (split === undefined) return;
  throw invalidRequest(
    `${name} is "${split}": over HTTP a comma separates names, so that none with a comma can be looked for.`,
  );
}
