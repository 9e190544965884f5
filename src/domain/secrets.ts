// Fields of an input that nobody is shown: replaced wherever a job is looked at, and kept where it runs.
import type { Json } from "./json.ts";

/** What is shown instead of a secret. */
export const SECRET_MASK = "[secret]";

/**
 * A copy of `input` in which the values at `fields` (paths with dots) are masked; `null` and missing ones stay as they are.
 *
 * @example
 * hideSecrets({ user: "ada", auth: { token: "x" } }, ["auth.token"]); // { user: "ada", auth: { token: "[secret]" } }
 */
export function hideSecrets(input: Json, fields: readonly string[]): Json {
  return fields.reduce((hidden, field) => replaceAt(hidden, field.split("."), () => SECRET_MASK), input);
}

/** A copy of `input` in which every secret field that holds the mask has the value that `previous` has there. */
export function keepSecrets(input: Json, previous: Json, fields: readonly string[]): Json {
  return fields.reduce((kept, field) => {
    const path = field.split(".");
    return replaceAt(kept, path, (value) => (value === SECRET_MASK ? valueAt(previous, path) : value));
  }, input);
}

/** The secret texts of an input: what must not be written anywhere. */
export function secretTexts(input: Json, fields: readonly string[]): readonly string[] {
  return fields.flatMap((field) => {
    const value = valueAt(input, field.split("."));
    return typeof value === "string" && value !== "" ? [value] : [];
  });
}

function valueAt(value: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined) return value;
  return isObject(value) && Object.hasOwn(value, name) ? valueAt(value[name] ?? null, rest) : null;
}

function replaceAt(value: Json, [name, ...rest]: readonly string[], replace: (value: Json) => Json): Json {
  if (name === undefined) return value === null ? null : replace(value);
  if (!isObject(value) || !Object.hasOwn(value, name)) return value;
  return { ...value, [name]: replaceAt(value[name] ?? null, rest, replace) };
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
