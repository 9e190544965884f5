// What every field gets, and what it says below its control.
import { duration } from "../../../format/duration.ts";
import type { Draft } from "../draft.ts";
import { figure } from "../read-draft.ts";
import type { Shape } from "../shape.ts";

export interface ShapeFieldProps<S extends Shape = Shape> {
  readonly name: string;
  readonly shape: S;
  readonly draft: Draft;
  readonly isRequired: boolean;
  /** JSON pointer into the request. */
  readonly pointer: string;
  readonly onChange: (draft: Draft) => void;
}

/** The props of a field of one kind. */
export type FieldPropsOf<K extends Shape["kind"]> = ShapeFieldProps<Extract<Shape, { readonly kind: K }>>;

export const textIn = (draft: Draft): string => (typeof draft === "string" ? draft : "");

/** What it means, what it is without a word, and how far it may go. */
export function hintOf(shape: Shape): string | undefined {
  const parts = [shape.description, standardText(shape), rangeText(shape)].filter((part) => part !== null);
  return parts.length === 0 ? undefined : parts.join(" ");
}

function standardText({ standard, description, kind }: Shape): string | null {
  if (standard === undefined || standard === null || kind === "flag" || kind === "choice") return null;
  if (description?.includes("Default")) return null;
  const text =
    typeof standard === "number"
      ? figure(standard)
      : typeof standard === "string"
        ? standard
        : JSON.stringify(standard);
  return text === "" || text.length > 60 ? null : `Default: ${text}.`;
}

const NOTABLE = 1_000_000_000;

function rangeText(shape: Shape): string | null {
  if (shape.kind !== "number") return null;
  const { min } = shape;
  // A limit that nobody comes near says nothing.
  const max = shape.max !== null && shape.max > NOTABLE ? null : shape.max;
  if (min !== null && max !== null) return `From ${figure(min)} to ${figure(max)}.`;
  if (min !== null) return `${figure(min)} or more.`;
  return max === null ? null : `${figure(max)} or less.`;
}

/** What a number of milliseconds is to a person; `null` where it is none. */
export function asDuration(name: string, text: string): string | null {
  const ms = Number(text);
  return /(?:Ms|_ms)$/.test(name) && text.trim() !== "" && ms >= 1_000 ? duration(ms) : null;
}
