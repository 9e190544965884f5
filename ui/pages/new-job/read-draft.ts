// What a form says, as JSON, and what is plainly wrong in it: missing, no number, out of range, too long. All else is the
// server's to judge; its answer is shown at the same places.
import type { InputProblem, Json } from "../../../src/client/index.ts";
import { count, plural } from "../../format/number.ts";
import type { Draft, Entry } from "./draft.ts";
import type { Shape } from "./shape.ts";

export interface Read {
  /** `undefined`: left out. */
  readonly value: Json | undefined;
  readonly mistakes: readonly InputProblem[];
}

export interface ReadOptions {
  readonly isRequired: boolean;
  /** JSON pointer of the place. */
  readonly pointer: string;
}

/** The pointer of a member. */
export const under = (pointer: string, name: string): string =>
  `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

export function readDraft(shape: Shape, draft: Draft, options: ReadOptions): Read {
  switch (shape.kind) {
    case "group":
      return readGroup(shape, draft, options);
    case "list":
      return readList(shape, draft, options);
    case "record":
      return readRecord(shape, draft, options);
    case "fixed":
      return { value: options.isRequired || shape.standard === undefined ? shape.value : undefined, mistakes: [] };
    case "choice":
    case "file":
    case "flag":
    case "json":
    case "number":
    case "text":
      return readControl(shape, typeof draft === "string" ? draft : "", options);
  }
}

type Control = Extract<Shape, { kind: "choice" | "file" | "flag" | "json" | "number" | "text" }>;

function readControl(shape: Control, text: string, { isRequired, pointer }: ReadOptions): Read {
  if (shape.kind === "flag") return readFlag(shape, text, isRequired);
  if (text.trim() === "") {
    if (!isRequired || shape.standard !== undefined) return { value: undefined, mistakes: [] };
    if (shape.canBeNull) return { value: null, mistakes: [] };
    const message =
      shape.kind === "file" ? "Choose a file." : shape.kind === "choice" ? "Choose one." : "Fill this in.";
    return { value: undefined, mistakes: [{ pointer, message }] };
  }
  const read = typedValue(shape, text);
  if ("value" in read) return { value: read.value, mistakes: [] };
  // The preview of the request shows what was typed.
  return { value: text, mistakes: [{ pointer, message: read.mistake }] };
}

function readFlag(shape: Shape, text: string, isRequired: boolean): Read {
  if (text === "" && !isRequired) return { value: undefined, mistakes: [] };
  const value = text === "true";
  return { value: !isRequired && value === shape.standard ? undefined : value, mistakes: [] };
}

type Valued = { readonly value: Json } | { readonly mistake: string };

function typedValue(shape: Exclude<Control, { kind: "flag" }>, text: string): Valued {
  switch (shape.kind) {
    case "choice": {
      const choice = shape.choices[Number(text)];
      return choice ? { value: choice.value } : { mistake: "Choose one." };
    }
    case "file":
      return { value: text };
    case "json":
      return jsonOf(text);
    case "number":
      return numberOf(shape, text.trim());
    case "text":
      return textOf(shape, text);
  }
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

function numberOf({ isWhole, min, max }: Extract<Shape, { kind: "number" }>, text: string): Valued {
  const value = Number(text);
  if (!NUMBER.test(text) || !Number.isFinite(value)) return { mistake: "Give a number, such as 12." };
  if (isWhole && !Number.isInteger(value)) return { mistake: "Give a whole number." };
  if (min !== null && value < min) return { mistake: `Give ${figure(min)} or more.` };
  if (max !== null && value > max) return { mistake: `Give ${figure(max)} or less.` };
  return { value };
}

export const figure = (value: number): string => (Number.isInteger(value) ? count(value) : String(value));

function textOf({ minLength, maxLength, pattern, control }: Extract<Shape, { kind: "text" }>, text: string): Valued {
  const length = [...text].length;
  if (length < minLength) return { mistake: `Give ${plural(minLength, "character")} or more.` };
  if (maxLength !== null && length > maxLength)
    return { mistake: `Give ${plural(maxLength, "character")} or fewer: these are ${count(length)}.` };
  if (control === "moment" && Number.isNaN(Date.parse(text))) return { mistake: "Give a date and a time." };
  if (pattern !== null && !fits(text, pattern)) return { mistake: "This does not have the form that is asked for." };
  return { value: text };
}

/** A pattern that cannot be tried is the server's to judge, and so is any that a long text could hold up the page with. */
function fits(text: string, pattern: string): boolean {
  if (text.length > 1_000) return true;
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}

function jsonOf(text: string): Valued {
  try {
    return { value: JSON.parse(text) };
  } catch (problem) {
    return { mistake: `This is not JSON: ${problem instanceof Error ? problem.message : String(problem)}.` };
  }
}

type GroupShape = Extract<Shape, { kind: "group" }>;

function readGroup(shape: GroupShape, draft: Draft, { isRequired, pointer }: ReadOptions): Read {
  const group = typeof draft !== "string" && draft.kind === "group" ? draft : null;
  const reads = shape.fields.map(({ name, isRequired: required, shape: field }) => {
    const own = { isRequired: required, pointer: under(pointer, name) };
    const member = group?.members.get(name) ?? "";
    const isUntouched = field.kind === "fixed" || (field.kind === "flag" && member === "");
    return { name, isUntouched, ...readDraft(field, member, own) };
  });
  const rest = Object.entries(group?.rest ?? {});
  const isEmpty = rest.length === 0 && reads.every(({ isUntouched, value }) => value === undefined || isUntouched);
  // A group that nobody asked for, and that nothing was said in, is left out as a whole.
  if (isEmpty && !isRequired) return { value: undefined, mistakes: [] };
  const members = reads.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  return { value: Object.fromEntries([...members, ...rest]), mistakes: reads.flatMap(({ mistakes }) => mistakes) };
}

const entriesOf = (draft: Draft): readonly Entry[] =>
  typeof draft !== "string" && draft.kind === "list" ? draft.entries : [];

function readList(shape: Extract<Shape, { kind: "list" }>, draft: Draft, { isRequired, pointer }: ReadOptions): Read {
  const entries = entriesOf(draft);
  if (entries.length === 0 && !isRequired) return { value: undefined, mistakes: [] };
  const reads = entries.map((entry, index) =>
    readDraft(shape.item, entry.draft, { isRequired: true, pointer: under(pointer, String(index)) }),
  );
  const mistakes = reads.flatMap((read) => read.mistakes);
  if (entries.length < shape.min) mistakes.push({ pointer, message: `Give ${count(shape.min)} or more of them.` });
  if (shape.max !== null && entries.length > shape.max)
    mistakes.push({ pointer, message: `Give ${count(shape.max)} or fewer of them.` });
  return { value: reads.map(({ value }) => value ?? null), mistakes };
}

function readRecord(
  shape: Extract<Shape, { kind: "record" }>,
  draft: Draft,
  { isRequired, pointer }: ReadOptions,
): Read {
  const entries = entriesOf(draft);
  if (entries.length === 0) return { value: isRequired ? {} : undefined, mistakes: [] };
  const reads = entries.map(({ name, draft: member }) => {
    const own = { isRequired: true, pointer: under(pointer, name) };
    return { name, ...readDraft(shape.item, member, own) };
  });
  const mistakes = reads.flatMap((read) => read.mistakes);
  const names = reads.map(({ name }) => name);
  if (names.includes("")) mistakes.push({ pointer, message: "Each of them needs a name." });
  const twice = names.find((name, index) => name !== "" && names.indexOf(name) !== index);
  if (twice !== undefined) mistakes.push({ pointer, message: `“${twice}” is there twice.` });
  const members = reads.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  return { value: Object.fromEntries(members), mistakes };
}

/** A copy of `value` in which secrets are `shown` instead; left out where that is `undefined`. */
export function withoutSecrets(shape: Shape, value: Json | undefined, shown: Json | undefined): Json | undefined {
  if (value === undefined || value === null) return value;
  if ((shape.kind === "text" || shape.kind === "json") && shape.isSecret) return shown;
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    return shape.kind === "list" ? items.map((item) => withoutSecrets(shape.item, item, shown) ?? null) : value;
  }
  if (typeof value !== "object" || (shape.kind !== "group" && shape.kind !== "record")) return value;
  const members = Object.entries(value).flatMap(([name, member]): readonly [string, Json][] => {
    const own = shape.kind === "record" ? shape.item : shape.fields.find((field) => field.name === name)?.shape;
    const left = own ? withoutSecrets(own, member, shown) : member;
    return left === undefined ? [] : [[name, left]];
  });
  return Object.fromEntries(members);
}
