import assert from "node:assert/strict";
import { test } from "node:test";
import { type JobTypeInfo, type Json, PawlError } from "../../../src/client/index.ts";
import { type Draft, draftOf, droppedFrom, secretsIn, withMember } from "./draft.ts";
import { mistakesOf, placeMistakes, pointersOf } from "./mistakes.ts";
import { columnChoices, csvWishes, withColumnTypes } from "./preview/csv-wishes.ts";
import { shownCell } from "./preview/shown-cell.ts";
import { readDraft, withoutSecrets } from "./read-draft.ts";
import { inputShape, requestShape } from "./request-shape.ts";
import { curlText } from "./request-text.ts";
import { type Shape, shapeOf } from "./shape.ts";

const object = (properties: Json, required: readonly string[] = []): Json => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

const fieldOf = (schema: Json): Shape => {
  const shape = shapeOf(object({ field: schema }));
  assert.equal(shape.kind, "group");
  const field = shape.kind === "group" ? shape.fields[0]?.shape : undefined;
  assert.ok(field);
  return field;
};

const readField = (schema: Json, draft: Draft, isRequired = true) =>
  readDraft(fieldOf(schema), draft, { isRequired, pointer: "/input/field" });
const mistakeIn = (schema: Json, draft: Draft) => readField(schema, draft).mistakes[0]?.message;

const typeOf = (input: Json): JobTypeInfo => ({
  name: "sample",
  title: "Sample",
  description: "",
  input,
  canPause: true,
  canRollback: false,
  isolation: "inline",
  defaults: { queue: "default", maxAttempts: 3, timeoutMs: null },
  concurrency: { total: null, perKey: null },
});

test("each place of a schema becomes a control", () => {
  const kinds: readonly (readonly [Json, string])[] = [
    [{ type: "string" }, "text"],
    [{ type: "integer" }, "number"],
    [{ type: "boolean" }, "flag"],
    [{ type: "string", enum: ["a", "b"] }, "choice"],
    [{ anyOf: [{ const: 1 }, { const: 2, title: "Two" }] }, "choice"],
    [{ const: "a" }, "fixed"],
    [{ type: "string", format: "file-id" }, "file"],
    [{ type: "array", items: { type: "string" } }, "list"],
    [{ type: "object", additionalProperties: { type: "string" } }, "record"],
    [object({ a: { type: "string" } }), "group"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "text"],
    [{ type: ["integer", "null"] }, "number"],
    [{ allOf: [{ type: "boolean" }] }, "flag"],
    [{ anyOf: [{ type: "string" }, { type: "number" }] }, "json"],
    [{ type: "array", prefixItems: [{ type: "string" }], items: { type: "number" } }, "json"],
    [{ type: "object" }, "json"],
    [{}, "json"],
    [true, "json"],
  ];
  for (const [schema, kind] of kinds) assert.equal(fieldOf(schema).kind, kind, JSON.stringify(schema));
});

test("references are followed, and one that leads back to itself ends as JSON", () => {
  const shape = shapeOf({
    type: "object",
    properties: { day: { $ref: "#/$defs/day", title: "Day" }, tree: { $ref: "#" } },
    $defs: { day: { type: "string", format: "date" } },
  });
  const [day, tree] = shape.kind === "group" ? shape.fields : [];
  assert.equal(day?.shape.kind === "text" && day.shape.control, "date");
  assert.equal(day?.shape.title, "Day");
  assert.equal(tree?.shape.kind, "group");
});

test("dates are known by their format, and by their examples", () => {
  const control = (schema: Json) => {
    const shape = fieldOf(schema);
    return shape.kind === "text" ? shape.control : shape.kind;
  };
  assert.equal(control({ type: "string", format: "date", pattern: "x" }), "date");
  assert.equal(control({ type: "string", examples: ["2024-02-29"] }), "date");
  assert.equal(control({ type: "string", format: "date-time" }), "moment");
  assert.equal(control({ type: "string", examples: ["contacts"] }), "text");
});

test("empty fields are left out, required ones are asked for, and those with a default are not", () => {
  assert.deepEqual(readField({ type: "string" }, "", false), { value: undefined, mistakes: [] });
  assert.deepEqual(readField({ type: "string" }, " ").mistakes, [
    { pointer: "/input/field", message: "Fill this in." },
  ]);
  assert.deepEqual(readField({ type: "integer", default: 3 }, ""), { value: undefined, mistakes: [] });
  assert.deepEqual(readField({ type: ["string", "null"] }, ""), { value: null, mistakes: [] });
  assert.equal(readField({ type: "boolean", default: false }, "false", false).value, undefined);
  assert.equal(readField({ type: "boolean", default: true }, "false", false).value, false);
});

test("numbers, lengths and patterns are checked at the field", () => {
  const whole = { type: "integer", minimum: 1, maximum: 5000 };
  assert.equal(readField(whole, "12").value, 12);
  assert.equal(mistakeIn(whole, "1.5"), "Give a whole number.");
  assert.equal(mistakeIn(whole, "0"), "Give 1 or more.");
  assert.equal(mistakeIn(whole, "5001"), "Give 5,000 or less.");
  for (const text of ["0x10", "1e999", "12a", "Infinity"])
    assert.equal(mistakeIn({ type: "number" }, text), "Give a number, such as 12.", text);
  assert.equal(mistakeIn({ type: "string", maxLength: 2 }, "abc"), "Give 2 characters or fewer: these are 3.");
  assert.equal(
    mistakeIn({ type: "string", pattern: "^[a-z]+$" }, "A"),
    "This does not have the form that is asked for.",
  );
  assert.equal(mistakeIn({ type: "string", pattern: "(?<" }, "A"), undefined);
  assert.match(mistakeIn({}, "{") ?? "", /not JSON/);
  assert.deepEqual(readField({}, '{"a":[1]}').value, { a: [1] });
});

test("an optional group in which nothing is said is left out, mistakes and all", () => {
  const group = object({ a: { type: "string" }, on: { type: "boolean" } }, ["a", "on"]);
  const blank = draftOf(fieldOf(group), undefined);
  assert.deepEqual(readField(group, blank, false), { value: undefined, mistakes: [] });
  assert.equal(readField(group, blank, true).mistakes[0]?.pointer, "/input/field/a");
  assert.ok(typeof blank !== "string" && blank.kind === "group");
  const said = withMember(blank, "on", "true");
  assert.deepEqual(
    readField(group, said, false).mistakes.map(({ pointer }) => pointer),
    ["/input/field/a"],
  );
});

test("what is taken over comes back the same", () => {
  const schema = object({
    text: { type: "string" },
    size: { type: "number" },
    on: { type: "boolean" },
    pick: { type: "string", enum: ["a", "b"] },
    tags: { type: "array", items: { type: "string" } },
    types: { type: "object", additionalProperties: { type: "string", enum: ["date"] } },
    deep: object({ any: {} }),
  });
  const value = {
    text: "x",
    size: 1.5,
    on: true,
    pick: "b",
    tags: ["p", "q"],
    types: { "a/b": "date" },
    deep: { any: [null] },
  };
  const shape = shapeOf(schema);
  assert.deepEqual(readDraft(shape, draftOf(shape, value), { isRequired: true, pointer: "" }), { value, mistakes: [] });
});

test("members that the schema does not name are kept where it is open, and named where it is not", () => {
  const open = shapeOf({ type: "object", properties: { a: { type: "string" } } });
  assert.deepEqual(readDraft(open, draftOf(open, { a: "x", more: 1 }), { isRequired: true, pointer: "" }).value, {
    a: "x",
    more: 1,
  });
  const closed = shapeOf(object({ a: { type: "string" } }));
  assert.deepEqual(readDraft(closed, draftOf(closed, { a: "x", more: 1 }), { isRequired: true, pointer: "" }).value, {
    a: "x",
  });
  assert.deepEqual(droppedFrom(closed, { a: "x", more: 1 }), ["more"]);
});

test("a record with a name twice, or without one, is a mistake", () => {
  const schema = { type: "object", additionalProperties: { type: "string" } };
  const entry = (key: number, name: string) => ({ key, name, draft: "x" });
  assert.equal(mistakeIn(schema, { kind: "list", entries: [entry(0, "a"), entry(1, "a")] }), "“a” is there twice.");
  assert.equal(mistakeIn(schema, { kind: "list", entries: [entry(0, "")] }), "Each of them needs a name.");
});

test("secrets are neither taken over nor shown", () => {
  const shape = shapeOf(
    object({ user: { type: "string" }, token: { type: "string", writeOnly: true, title: "Token" } }),
  );
  const value = { user: "ada", token: "[secret]" };
  assert.deepEqual(readDraft(shape, draftOf(shape, value), { isRequired: true, pointer: "" }).value, { user: "ada" });
  assert.deepEqual(secretsIn(shape, value), ["Token"]);
  assert.deepEqual(withoutSecrets(shape, { user: "ada", token: "hunter22" }, "•••"), { user: "ada", token: "•••" });
});

test("mistakes stand at the field that they name, at what it lies in, or above the form", () => {
  const shape = requestShape(typeOf(object({ from: { type: "string" }, any: {} })));
  const draft = draftOf(shape, { input: {} });
  const pointers = pointersOf(shape, draft, "");
  const mistakes = mistakesOf(
    new PawlError("invalid_input", "no", {
      errors: [
        { pointer: "/from", message: "must be a date" },
        { pointer: "/any/0/b", message: "is no number" },
        { pointer: "", message: 'Unrecognized key: "x"' },
        { pointer: "/gone", message: "is required" },
      ],
    }),
  );
  const { at, rest } = placeMistakes(mistakes, pointers);
  assert.deepEqual(
    [...at],
    [
      ["/input/from", "Must be a date."],
      ["/input/any", "0/b: is no number."],
    ],
  );
  assert.deepEqual(rest, ['Unrecognized key: "x".', "Gone: is required."]);
});

test("a taken key and a wrong option stand at their fields", () => {
  assert.deepEqual(mistakesOf(new PawlError("key_taken", "Taken.")), [{ pointer: "/key", message: "Taken." }]);
  const errors = [{ pointer: "/priority", message: "Too big" }];
  assert.deepEqual(mistakesOf(new PawlError("invalid_request", "no", { errors })), errors);
  assert.deepEqual(mistakesOf(new Error("no")), []);
});

test("a type without a schema takes JSON", () => {
  assert.equal(inputShape(typeOf(null)).kind, "json");
});

test("the request as curl cannot be broken out of", () => {
  const text = curlText({
    origin: "http://127.0.0.1:8080",
    request: { type: "a", input: { text: "it's" } },
    files: [],
    isSignedIn: false,
  });
  assert.ok(text.includes(`'\\''`));
  const upload = curlText({
    origin: "http://127.0.0.1:8080",
    request: { type: "a", input: {} },
    files: [{ field: "file", name: `a"b';c.csv` }],
    isSignedIn: true,
  });
  assert.ok(upload.includes(`-F 'file=@"a\\"b'\\'';c.csv"'`), upload);
  assert.ok(upload.includes('"Authorization: Bearer $PAWL_TOKEN"'));
});

test("types of columns are chosen beside the file, and taken back", () => {
  const types = ["string", "integer", "number", "boolean", "date"];
  const shape = shapeOf(
    object({
      delimiter: { type: "string" },
      columns: { type: "object", additionalProperties: { type: "string", enum: types } },
    }),
  );
  const choices = columnChoices(shape);
  const draft = draftOf(shape, { delimiter: "tab", columns: { age: "integer" } });
  assert.ok(choices && typeof draft !== "string" && draft.kind === "group");
  assert.deepEqual(csvWishes(shape, draft), {
    delimiter: "\t",
    types: { age: "integer" },
    dateColumn: "",
    dataset: "",
  });
  const typed = withColumnTypes(draft, choices, { joined: "date", age: null });
  assert.deepEqual(csvWishes(shape, typed).types, { joined: "date" });
  assert.deepEqual(readDraft(shape, typed, { isRequired: true, pointer: "" }).value, {
    delimiter: "tab",
    columns: { joined: "date" },
  });
});

test("a record of anything but types of cells is not what a preview chooses", () => {
  const shape = shapeOf(object({ columns: { type: "object", additionalProperties: { type: "string", enum: ["a"] } } }));
  assert.equal(columnChoices(shape), null);
});

test("signs that would hide or turn a text are made visible, and long ones are cut", () => {
  assert.equal(shownCell("a\u202eb\u0007\tc\nd"), "a\ufffdb\ufffd⇥c⏎d");
  assert.equal(shownCell("x".repeat(500)).length, 121);
});
