// An input on its way into JSON. What JSON would change or lose on the way is refused, as the manager refuses it.
import { PawlError } from "../domain/errors.ts";
import { findNonJson, type Json } from "../domain/json.ts";

/** Throws `invalid_input` with the first place that JSON cannot hold. `place` is the input's own, as a JSON pointer. */
export function asJson(input: unknown, place = ""): Json {
  if (isJson(input)) return input;
  const wrong = findNonJson(input);
  if (!wrong) return null;
  const pointer = place + wrong.pointer;
  throw new PawlError("invalid_input", `The input cannot be sent: ${pointer || "/"} ${wrong.message}.`, {
    errors: [{ pointer, message: wrong.message }],
  });
}

const isJson = (value: unknown): value is Json => value !== undefined && findNonJson(value) === null;
