// Where in the form a mistake is shown: at the field that it names, else at what that field lies in, else above the form.
import { type InputProblem, PawlError } from "../../../src/client/index.ts";
import type { Draft } from "./draft.ts";
import { under } from "./read-draft.ts";
import type { Shape } from "./shape.ts";

/** The pointers of all fields that are shown. */
export function pointersOf(shape: Shape, draft: Draft, pointer: string): readonly string[] {
  if (typeof draft === "string") return [pointer];
  if (shape.kind === "group" && draft.kind === "group") {
    const inner = shape.fields.flatMap(({ name, shape: field }) => {
      return pointersOf(field, draft.members.get(name) ?? "", under(pointer, name));
    });
    return [pointer, ...inner];
  }
  if (draft.kind === "list" && (shape.kind === "list" || shape.kind === "record")) {
    const inner = draft.entries.flatMap(({ name, draft: item }, index) => {
      return pointersOf(shape.item, item, under(pointer, shape.kind === "record" ? name : String(index)));
    });
    return [pointer, ...inner];
  }
  return [pointer];
}

export interface Placed {
  /** Text by pointer. */
  readonly at: ReadonlyMap<string, string>;
  /** What no field is named by. */
  readonly rest: readonly string[];
}

export const NOTHING_WRONG: Placed = { at: new Map(), rest: [] };

export function placeMistakes(mistakes: readonly InputProblem[], pointers: readonly string[]): Placed {
  const at = new Map<string, string>();
  const rest: string[] = [];
  for (const { pointer, message } of mistakes) {
    const place = pointers
      .filter((known) => pointer === known || pointer.startsWith(`${known}/`))
      .reduce<string | null>((deepest, known) => (known.length > (deepest ?? "").length ? known : deepest), null);
    const text = sentence(
      place !== null && pointer !== place ? `${pointer.slice(place.length + 1)}: ${message}` : message,
    );
    // The input as a whole is not one of its fields.
    if (place === null || place === "/input") rest.push(text);
    else at.set(place, at.has(place) ? `${at.get(place)} ${text}` : text);
  }
  return { at, rest };
}

/** "must be a date" as "Must be a date." */
function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/** The mistakes that the server named, with pointers into the request. */
export function mistakesOf(problem: unknown): readonly InputProblem[] {
  if (!(problem instanceof PawlError)) return [];
  const { errors = [] } = problem.extras;
  if (problem.code === "invalid_input")
    return errors.map(({ pointer, message }) => ({ pointer: `/input${pointer}`, message }));
  if (problem.code === "invalid_request") return errors;
  return problem.code === "key_taken" ? [{ pointer: "/key", message: problem.message }] : [];
}
