// Which fields a request of the library may have. A misspelt one is refused, as it is over HTTP: a filter that loses a
// criterion would meet more jobs than were meant.
import { invalidRequest } from "../domain/errors.ts";
import type { JobFilter } from "../domain/job-control.ts";
import { STATES } from "../domain/lifecycle.ts";

export const FILTER_FIELDS = [
  "state",
  "type",
  "queue",
  "key",
  "label",
  "q",
] as const satisfies readonly (keyof JobFilter)[];

/** Throws `invalid_request` for the first field of `given` that is not `known`. */
export function checkFields(what: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) throw invalidRequest(`${what} has no "${name}". It knows ${known.join(", ")}.`);
  }
}

/** Throws `invalid_request` for a criterion that could match nothing, whatever there is. */
export function checkFilter({ state, label }: JobFilter): void {
  for (const name of state ?? []) {
    if (!STATES.includes(name)) throw invalidRequest(`There is no state "${name}". States: ${STATES.join(", ")}.`);
  }
  if (label !== undefined && !label.includes(":")) throw invalidRequest(`label is "${label}"; use name:value.`);
}
