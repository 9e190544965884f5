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

/** Whether a secret field of `input` holds the mask. */
export function hasMask(input: Json, fields: readonly string[]): boolean {
  return fields.some((field) => valueAt(input, field.split(".")) === SECRET_MASK);
}

/** The secret texts of an input, those inside of a secret object or array included: what must not be written anywhere. */
export function secretTexts(input: Json, fields: readonly string[]): readonly string[] {
  return fields.flatMap((field) => textsIn(valueAt(input, field.split("."))));
}

/** Takes the secrets of one input out of what is about to be stored, logged or shown. */
export interface Scrubber {
  text(text: string): string;
  /** Names of members are scrubbed as well. */
  json(value: Json): Json;
}

/** Texts shorter than this occur everywhere by chance: masking them would destroy more than it hides. */
const SHORTEST_SECRET = 4;

const NOTHING_TO_HIDE: Scrubber = { text: (text) => text, json: (value) => value };

/**
 * Creates the scrubber of these secrets. It finds each as it is, as JSON escapes it and as a URL encodes it; not in pieces,
 * and not otherwise encoded.
 *
 * @example
 * createScrubber(["hunter22"]).text("login with hunter22 refused"); // "login with [secret] refused"
 */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const spellings = new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(spellingsOf));
  if (spellings.size === 0) return NOTHING_TO_HIDE;
  // The longest first: a secret that contains another one is masked whole.
  const longestFirst = [...spellings].sort((one, other) => other.length - one.length);
  const pattern = new RegExp(longestFirst.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"), "g");
  const scrubText = (text: string) => text.replaceAll(pattern, SECRET_MASK);
  const scrubJson = (value: Json): Json => {
    if (typeof value === "string") return scrubText(value);
    if (typeof value === "number") return spellings.has(String(value)) ? SECRET_MASK : value;
    if (Array.isArray(value)) return value.map(scrubJson);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [scrubText(name), scrubJson(member)]));
  };
  return { text: scrubText, json: scrubJson };
}

function spellingsOf(secret: string): readonly string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [secret, inJson, encodeURIComponent(secret.toWellFormed())];
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (typeof value === "number") return [String(value)];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(textsIn) : [];
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
