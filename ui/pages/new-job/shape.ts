// What a form shows for a JSON Schema (draft 2020-12): each place of it becomes one kind of control. What has none is edited
// as JSON text. Nothing here judges a value as a whole: that is the server's.
import type { Json } from "../../../src/client/index.ts";

interface Described {
  readonly title: string | null;
  readonly description: string | null;
  readonly example: string | null;
  readonly standard: Json | undefined;
  /** `null` is a value of it: what a required field says when it is left empty. */
  readonly canBeNull: boolean;
}

export interface Choice {
  readonly value: Json;
  readonly label: string;
}

export type Shape = Described &
  (
    | {
        readonly kind: "text";
        readonly isSecret: boolean;
        readonly isLong: boolean;
        readonly control: "text" | "email" | "url" | "date" | "moment";
        readonly minLength: number;
        readonly maxLength: number | null;
        readonly pattern: string | null;
      }
    | { readonly kind: "number"; readonly isWhole: boolean; readonly min: number | null; readonly max: number | null }
    | { readonly kind: "flag" }
    | { readonly kind: "choice"; readonly choices: readonly Choice[] }
    | { readonly kind: "fixed"; readonly value: Json }
    | { readonly kind: "file" }
    | { readonly kind: "group"; readonly fields: readonly GroupField[]; readonly isOpen: boolean }
    | { readonly kind: "list"; readonly item: Shape; readonly min: number; readonly max: number | null }
    | { readonly kind: "record"; readonly item: Shape }
    | { readonly kind: "json"; readonly isSecret: boolean }
  );

export interface GroupField {
  readonly name: string;
  readonly isRequired: boolean;
  readonly shape: Shape;
}

type Schema = { readonly [keyword: string]: Json };

/** Deeper places are edited as JSON: a form that deep is none that a person can use, and a schema may refer to itself. */
const DEEPEST = 6;
const LONG_TEXT = 500;

/** The shape of a whole input. */
export const shapeOf = (schema: Json): Shape => place(schema, { root: schema, depth: 0 });

interface Where {
  readonly root: Json;
  readonly depth: number;
}

function place(given: Json, where: Where): Shape {
  const { schema, canBeNull } = plain(given, where);
  if (schema === null || where.depth > DEEPEST)
    return { ...describe(schema ?? {}, canBeNull), kind: "json", isSecret: false };
  const described = describe(schema, canBeNull);
  const isSecret = schema.writeOnly === true;
  if (isSecret && schema.type !== "string") return { ...described, kind: "json", isSecret };
  if (schema.const !== undefined) return { ...described, kind: "fixed", value: schema.const };
  const choices = choicesOf(schema);
  if (choices) return { ...described, kind: "choice", choices };
  if (schema.type === "string") return textShape(schema, described, where);
  if (schema.type === "integer" || schema.type === "number") return numberShape(schema, described);
  if (schema.type === "boolean") return { ...described, kind: "flag" };
  if (schema.type === "array") return listShape(schema, described, where);
  if (schema.type === "object") return objectShape(schema, described, where);
  return { ...described, kind: "json", isSecret };
}

/** The schema behind references, single alternatives and "or null"; `null` when it is none that can be drawn. */
function plain(given: Json, { root }: Where): { readonly schema: Schema | null; readonly canBeNull: boolean } {
  let schema = isObject(given) ? given : null;
  let canBeNull = false;
  for (let step = 0; schema !== null && step < 10; step++) {
    const { $ref, allOf, anyOf, oneOf, ...own }: Schema = schema;
    const among = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : null;
    const others = among?.filter((one: Json) => !isObject(one) || one.type !== "null") ?? null;
    if (typeof $ref === "string") {
      const target = pointedAt(root, $ref);
      schema = isObject(target) ? { ...target, ...own } : null;
    } else if (Array.isArray(allOf) && allOf.length === 1 && isObject(allOf[0])) {
      schema = { ...allOf[0], ...own };
    } else if (among && others && others.length < among.length) {
      canBeNull = true;
      schema = others.length === 1 && isObject(others[0]) ? { ...others[0], ...own } : { ...own, anyOf: others };
    } else if (Array.isArray(schema.type) && schema.type.includes("null")) {
      const types: readonly Json[] = schema.type.filter((type: Json) => type !== "null");
      canBeNull = true;
      schema = { ...schema, type: types.length === 1 ? (types[0] ?? null) : types };
    } else return { schema, canBeNull };
  }
  return { schema: null, canBeNull };
}

function pointedAt(root: Json, reference: string): Json | undefined {
  if (!reference.startsWith("#")) return undefined;
  let at: Json | undefined = root;
  for (const step of reference.slice(1).split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return at;
}

function choicesOf({ enum: values, anyOf, oneOf }: Schema): readonly Choice[] | null {
  if (Array.isArray(values)) return values.map((value: Json) => ({ value, label: labelOf(value) }));
  const among = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : null;
  if (!among || among.length === 0) return null;
  const choices = among.flatMap((one: Json): readonly Choice[] => {
    if (!isObject(one) || one.const === undefined) return [];
    return [{ value: one.const, label: textOf(one.title) ?? labelOf(one.const) }];
  });
  return choices.length === among.length ? choices : null;
}

const labelOf = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

/** How a string's format is asked for. */
const CONTROLS = { email: "email", uri: "url", url: "url", date: "date", "date-time": "moment" } as const;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

function textShape(schema: Schema, described: Described, { depth }: Where): Shape {
  // Only members of the input itself name files.
  if (schema.format === "file-id" && depth === 1) return { ...described, kind: "file" };
  const { format, examples } = schema;
  const known = typeof format === "string" && Object.hasOwn(CONTROLS, format);
  const isDay =
    Array.isArray(examples) &&
    examples.length > 0 &&
    examples.every((one: Json) => typeof one === "string" && DAY.test(one));
  const maxLength = numberOf(schema.maxLength);
  return {
    ...described,
    kind: "text",
    isSecret: schema.writeOnly === true || format === "password",
    isLong: !known && !isDay && typeof schema.pattern !== "string" && (maxLength ?? 0) > LONG_TEXT,
    control: known
      ? CONTROLS[format as keyof typeof CONTROLS]
      : isDay && schema.pattern === undefined
        ? "date"
        : "text",
    minLength: numberOf(schema.minLength) ?? 0,
    maxLength,
    pattern: textOf(schema.pattern),
  };
}

/** Safe integers are what zod says when no limit is meant. */
const isLimit = (value: number | null): boolean => value !== null && Math.abs(value) < Number.MAX_SAFE_INTEGER;

function numberShape(schema: Schema, described: Described): Shape {
  const isWhole = schema.type === "integer";
  const [min, max] = [numberOf(schema.minimum), numberOf(schema.maximum)];
  const [above, below] = [numberOf(schema.exclusiveMinimum), numberOf(schema.exclusiveMaximum)];
  return {
    ...described,
    kind: "number",
    isWhole,
    min: isLimit(min) ? min : isWhole && above !== null ? Math.floor(above) + 1 : null,
    max: isLimit(max) ? max : isWhole && below !== null ? Math.ceil(below) - 1 : null,
  };
}

function listShape(schema: Schema, described: Described, where: Where): Shape {
  if (!isObject(schema.items) || schema.prefixItems !== undefined)
    return { ...described, kind: "json", isSecret: false };
  const item = place(schema.items, { ...where, depth: where.depth + 1 });
  return { ...described, kind: "list", item, min: numberOf(schema.minItems) ?? 0, max: numberOf(schema.maxItems) };
}

function objectShape(schema: Schema, described: Described, where: Where): Shape {
  const deeper = { ...where, depth: where.depth + 1 };
  const { properties, additionalProperties } = schema;
  const required: readonly Json[] = Array.isArray(schema.required) ? schema.required : [];
  if (isObject(properties) && Object.keys(properties).length > 0) {
    const fields = Object.entries(properties).map(([name, property]): GroupField => {
      return { name, isRequired: required.includes(name), shape: place(property, deeper) };
    });
    return { ...described, kind: "group", fields, isOpen: additionalProperties !== false };
  }
  if (isObject(additionalProperties) && Object.keys(additionalProperties).length > 0)
    return { ...described, kind: "record", item: place(additionalProperties, deeper) };
  if (additionalProperties === false) return { ...described, kind: "group", fields: [], isOpen: false };
  return { ...described, kind: "json", isSecret: false };
}

function describe(schema: Schema, canBeNull: boolean): Described {
  const [example] = Array.isArray(schema.examples) ? schema.examples : [];
  return {
    title: textOf(schema.title),
    description: textOf(schema.description),
    example: example === undefined ? null : labelOf(example),
    standard: schema.default,
    canBeNull,
  };
}

const numberOf = (value: Json | undefined): number | null => (typeof value === "number" ? value : null);
const textOf = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);

export function isObject(value: Json | undefined): value is Schema {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** What a field is called where its schema gives it no title. */
export const titleOf = (name: string, { title }: Pick<Shape, "title">): string => title ?? name;
