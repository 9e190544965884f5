// Values that JSON can hold, and whether a value survives being stored as JSON unchanged: what does not would come back
// as something else.

/** Any value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

interface Wrong {
  /** JSON pointer. */
  readonly pointer: string;
  readonly message: string;
}

/** Values may nest this deep. */
const DEPTH_LIMIT = 32;

/** The first place of `value` that JSON cannot hold, or `null`. A top-level `undefined` counts as `null`. */
export function findNonJson(value: unknown, pointer = "", depth = 0): Wrong | null {
  if (value === null || typeof value === "string" || typeof value === "boolean") return null;
  if (typeof value === "number")
    return Number.isFinite(value) ? null : { pointer, message: `${value} is not a JSON number` };
  if (value === undefined) return null;
  if (typeof value !== "object") return { pointer, message: `a ${typeof value} cannot be stored as JSON` };
  if (depth >= DEPTH_LIMIT) return { pointer, message: `is nested deeper than ${DEPTH_LIMIT} levels` };
  const prototype = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    return { pointer, message: `a ${value.constructor.name} cannot be stored as JSON; pass plain data` };
  }
  for (const [name, member] of Object.entries(value)) {
    const wrong = findNonJson(member, `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, depth + 1);
    if (wrong) return wrong;
  }
  return null;
}
