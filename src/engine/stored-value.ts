// A value of a handler, as the JSON that is kept of it. What JSON cannot hold, or is too large, is refused for good: doing
// the work again would give the same value again.
import { PermanentError } from "../domain/interruption.ts";
import type { Json } from "../domain/job.ts";
import { findNonJson } from "../domain/json.ts";

export interface StoredValue {
  readonly json: Json;
  /** Characters as JSON. */
  readonly size: number;
}

export interface StoredValueOptions {
  /** What it is, for messages. */
  readonly what: string;
  /** The codes are `<prefix>_not_json` and `<prefix>_too_large`. */
  readonly prefix: "step" | "journal";
  /** Characters as JSON. */
  readonly limit: number;
}

/** Throws a `PermanentError`. `undefined` is kept as `null`. */
export function storedValue(value: unknown, { what, prefix, limit }: StoredValueOptions): StoredValue {
  const refuse = (problem: string) => new PermanentError(`${what} ${problem}`, { code: `${prefix}_not_json` });
  // Before the search for what JSON cannot hold: a value that contains itself ends here.
  const text = textOf(value);
  if (text === null) throw refuse("cannot be written as JSON. Use plain data.");
  if (text.length > limit) {
    throw new PermanentError(`${what} is ${text.length} characters as JSON; the limit is ${limit}.`, {
      code: `${prefix}_too_large`,
    });
  }
  const wrong = findNonJson(value);
  if (wrong) throw refuse(`cannot be kept: ${wrong.pointer ? `${wrong.pointer} ` : ""}${wrong.message}.`);
  return { json: JSON.parse(text), size: text.length };
}

function textOf(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? (value === undefined ? "null" : null);
  } catch {
    return null;
  }
}
