// Holds replies against the contract, to the last property. For tests: it is slow.
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";

/** Throws unless `value` is exactly what `schema` describes, and JSON keeps it. */
export function checkReply(schema: z.ZodType, value: unknown): void {
  if (!isDeepStrictEqual(schema.parse(value), value)) {
    throw new Error("A reply has properties that its schema does not describe.");
  }
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)) {
    throw new Error("A reply holds something that JSON does not keep.");
  }
}
