// Values that fit a JSON schema, values that almost fit one, and values that fit nothing. Where a value has to name
// something that exists, it holds a mark such as `{{job:7}}`, which is filled in when the request is sent.
import fc from "fast-check";
import type { JsonSchema } from "./described.ts";

type Values = fc.Arbitrary<unknown>;

/** The job types that can be submitted, with the schemas of their inputs. */
export type JobTypes = ReadonlyMap<string, JsonSchema>;

const PICKS_MAX = 1_000;

const SURROGATES = { first: 0xd800, count: 0x800 } as const;
/** Any character there is. The generator's own kind of it, "binary", takes seconds to be made. */
const character = fc.nat(0x10ffff - SURROGATES.count).map(
  (n) => String.fromCodePoint(n < SURROGATES.first ? n : n + SURROGATES.count),
  (text) => {
    const [only = "", ...more] = typeof text === "string" ? text : "";
    const point = only.codePointAt(0);
    if (point === undefined || more.length > 0) throw new Error("This is not one character.");
    return point < SURROGATES.first ? point : point - SURROGATES.count;
  },
);

/** Marks a place where something that exists is named: the n-th of its kind, counted around. */
export const mark = (kind: string): fc.Arbitrary<string> => fc.nat(PICKS_MAX).map((n) => `{{${kind}:${n}}}`);

const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const NO_CONTROL = "^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]*$";
const letters = fc.string({ unit: oneOf([..."abcdefghij0123456789"]), minLength: 1, maxLength: 8 });

/** What fits a pattern. One that is not here is worked out by the generator, if it can. */
const BY_PATTERN: ReadonlyMap<string, Values> = new Map<string, Values>([
  [NO_CONTROL, fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 })],
  ["^[^:]+:", letters.map((text) => `${text}:red`)],
  ["^[0-9a-f-]{36}$", mark("job")],
  ["^[0-9a-f]{12}$", mark("token")],
  ['^(?:tab|[^"\\r\\n])$', oneOf([",", ";", "tab"])],
]);

/** What the schema cannot say, by the name of the property. Times are short or long, so that no job keeps the machine busy. */
const BY_NAME: ReadonlyMap<string, Values> = new Map<string, Values>([
  ["cron", oneOf(["0 0 1 1 *", "30 2 29 2 *", "0 0 12 1 6 *"])],
  ["timeZone", oneOf(["UTC", "Europe/Berlin", "America/St_Johns"])],
  ["dataset", oneOf(["contacts", "baseline", "other"])],
  ["intervalMs", oneOf([1_000, 60_000])],
  ["stepMs", oneOf([200, 60_000])],
  ["dayMs", oneOf([1, 50])],
  ["delayMs", oneOf([1, 50, 60_000])],
  ["waitMs", oneOf([0, 1, 5])],
  ["from_date", oneOf(["2019-Jan-01", "2019-01-01"])],
  ["to_date", oneOf(["2019-Jan-09", "2019-02-01"])],
  ["token", mark("secret")],
  ["input", oneOf([{ times: 1 }, { intervalMs: 1_000 }])],
]);

const day = fc
  .date({ min: new Date("2019-01-01"), max: new Date("2026-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const moment = fc.date({ min: new Date("1971-01-01"), max: new Date("2200-01-01"), noInvalidDate: true });

const BY_FORMAT: ReadonlyMap<string, Values> = new Map<string, Values>([
  ["date-time", moment.map((date) => date.toISOString())],
  ["date", day],
  ["file-id", mark("file")],
  ["uuid", mark("job")],
  ["guid", mark("task")],
]);

const numberIn = (schema: JsonSchema, name: string) =>
  typeof schema[name] === "number" ? Number(schema[name]) : undefined;

const WORDS_MAX = 20;
const ITEMS_MAX = 3;

function strings(schema: JsonSchema): Values {
  const known = BY_FORMAT.get(String(schema.format)) ?? BY_PATTERN.get(String(schema.pattern));
  if (known) return known;
  if (typeof schema.pattern === "string") return fc.stringMatching(new RegExp(schema.pattern, "u"));
  const minLength = numberIn(schema, "minLength") ?? 0;
  return fc.string({
    minLength,
    maxLength: Math.min(numberIn(schema, "maxLength") ?? WORDS_MAX, minLength + WORDS_MAX),
  });
}

function integers(schema: JsonSchema): Values {
  const min = Math.max(numberIn(schema, "minimum") ?? -1_000, Number.MIN_SAFE_INTEGER);
  const max = Math.min(numberIn(schema, "maximum") ?? 1_000, Number.MAX_SAFE_INTEGER);
  return fc.oneof(
    fc.integer({ min, max: Math.min(max, min + 10) }),
    fc.maxSafeInteger().map((n) => clamp(n, min, max)),
  );
}

const clamp = (value: number, min: number, max: number) => Math.min(max, Math.max(min, value));

function objects(schema: JsonSchema, jobTypes: JobTypes): Values {
  const properties: Readonly<Record<string, JsonSchema>> = Object(schema.properties);
  const required = new Set((schema.required ?? []) as readonly string[]);
  const makers = Object.entries(properties).map(([name, property]) => {
    const fitting = BY_NAME.get(name) ?? fittingValues(property, jobTypes);
    return [name, required.has(name) ? fitting : sometimes(fitting)] as const;
  });
  const whole = fc.record(Object.fromEntries(makers)).map(withoutGaps);
  const extra = schema.additionalProperties;
  if (properties.type && properties.input) return withInput(whole, jobTypes);
  if (typeof extra !== "object" || extra === null) return whole;
  return fc.dictionary(letters, fittingValues(extra as JsonSchema, jobTypes), { maxKeys: ITEMS_MAX });
}

const sometimes = (values: Values): Values =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values });
const withoutGaps = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));

/** An input means something only together with its type. */
function withInput(whole: Values, jobTypes: JobTypes): Values {
  return oneOf([...jobTypes]).chain(([type, schema]) =>
    fc.tuple(whole, fittingValues(schema, jobTypes)).map(([rest, input]) => ({ ...Object(rest), type, input })),
  );
}

/** Values that fit `schema`, as far as a schema can tell. */
export function fittingValues(schema: JsonSchema, jobTypes: JobTypes): Values {
  if (Array.isArray(schema.enum)) return oneOf(schema.enum);
  if ("const" in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.anyOf)) return fc.oneof(...schema.anyOf.map((member) => fittingValues(member, jobTypes)));
  switch (schema.type) {
    case "string":
      return strings(schema);
    case "integer":
      return integers(schema);
    case "number":
      return fc.double({ min: numberIn(schema, "minimum") ?? 0, max: numberIn(schema, "maximum") ?? 1e6, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array": {
      const minLength = numberIn(schema, "minItems") ?? 0;
      const items = fittingValues(Object(schema.items), jobTypes);
      return fc.array(items, { minLength, maxLength: minLength + ITEMS_MAX });
    }
    case "object":
      return objects(schema, jobTypes);
  }
  return fc.jsonValue({ maxDepth: 2 });
}

/** Values that fit next to nothing. */
export const wildValues: Values = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: character, maxLength: 40 }),
  oneOf<unknown>([
    null,
    "",
    0,
    -1,
    1.5,
    2 ** 53,
    1e308,
    true,
    [],
    {},
    [null],
    { a: { b: {} } },
    "\0",
    "\ud800",
    "x".repeat(5_000),
  ]),
  oneOf<unknown>([
    "constructor",
    "toString",
    "../../etc/passwd",
    "' OR 1=1--",
    "%00",
    "\u001b[2J",
    "<script>",
    "\r\nX-A: b",
  ]),
);

/** `value` with one thing wrong: a part that is gone, one that is another, or one that is too many. */
export function damaged(value: unknown): Values {
  const places = placesOf(value);
  return fc.tuple(oneOf(places), oneOf(["replace", "remove", "add"] as const), wildValues).map(([place, how, wild]) => {
    const copy = { value: structuredClone(value) };
    damage(copy, ["value", ...place], { how, wild });
    return copy.value;
  });
}

type Place = readonly (string | number)[];

/** The places of a value, itself first. */
function placesOf(value: unknown, path: Place = []): readonly Place[] {
  if (typeof value !== "object" || value === null) return [path];
  const members = Object.entries(value).flatMap(([name, member]) => placesOf(member, [...path, name]));
  return [path, ...members];
}

interface Damage {
  readonly how: "replace" | "remove" | "add";
  readonly wild: unknown;
}

function damage(root: object, path: Place, { how, wild }: Damage): void {
  const parent = path.slice(0, -1).reduce<unknown>((node, name) => Object(node)[name], root);
  const name = path.at(-1) ?? "";
  const holder = Object(parent);
  const target = holder[name];
  if (how === "add" && typeof target === "object" && target !== null) Object.assign(target, { unexpected: wild });
  else if (how === "remove" && path.length > 1) delete holder[name];
  else holder[name] = wild;
}
