// What the JSON Schema of an input tells: which fields name stored files, and for forms, which ones hide what is typed.
// A schema library that cannot tell a JSON Schema has neither.
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { Json } from "../domain/job.ts";
import { FILE_ID_FORMAT } from "./file-ref.ts";

type SchemaObject = { readonly [keyword: string]: Json };

/** The input as JSON Schema, where the schema library offers it by the Standard JSON Schema interface, else `null`. */
export function jsonSchemaOf(schema: StandardSchemaV1): Json {
  const standard: Partial<StandardJSONSchemaV1.Props> = schema["~standard"];
  if (!standard.jsonSchema) return null;
  return JSON.parse(JSON.stringify(standard.jsonSchema.input({ target: "draft-2020-12" })));
}

/** Names of the input's fields that hold the id of a stored file. */
export function fileFieldsOf(schema: Json): readonly string[] {
  return Object.entries(propertiesOf(schema))
    .filter(([, property]) => isObject(property) && property.format === FILE_ID_FORMAT)
    .map(([name]) => name);
}

/**
 * A copy in which the field at `path` is `writeOnly`, so that a form hides it; `null` when the schema rules such a field out.
 *
 * @example
 * markSecret({ properties: { token: { type: "string" } } }, ["token"]); // { properties: { token: { type: "string", writeOnly: true } } }
 */
export function markSecret(schema: Json, path: readonly string[]): Json {
  if (!isObject(schema)) return null;
  const [name, ...rest] = path;
  if (name === undefined) return { ...schema, writeOnly: true };
  const alternatives = ALTERNATIVES.flatMap((keyword) => markAlternatives(schema, keyword, path));
  const property = memberSchema(schema, name);
  const marked = property === null ? null : markSecret(property, rest);
  if (marked === null && alternatives.length === 0) return null;
  const properties = { ...propertiesOf(schema), ...(marked !== null && { [name]: marked }) };
  return { ...schema, ...Object.fromEntries(alternatives), ...(marked !== null && { properties }) };
}

const ALTERNATIVES = ["anyOf", "oneOf", "allOf"] as const;
/** A schema with none of these lets any value through. */
const LIMITING = ["type", "properties", "enum", "const", ...ALTERNATIVES];

/** What a member called `name` has to be, `null` when there can be none. */
function memberSchema(schema: SchemaObject, name: string): Json {
  const properties = propertiesOf(schema);
  if (Object.hasOwn(properties, name)) return properties[name] ?? null;
  if (isObject(schema.additionalProperties)) return schema.additionalProperties;
  // What stands behind a reference is shared with other places: a mark goes beside it, where it counts here alone.
  return "$ref" in schema || !LIMITING.some((keyword) => keyword in schema) ? {} : null;
}

/** The entry of `keyword` with the field marked in every alternative that has it; none when no alternative does. */
function markAlternatives(schema: SchemaObject, keyword: string, path: readonly string[]): [string, Json][] {
  const members = schema[keyword];
  if (!Array.isArray(members)) return [];
  const marked = members.map((member: Json) => markSecret(member, path));
  return marked.some((member) => member !== null)
    ? [[keyword, marked.map((member, index) => member ?? members[index] ?? null)]]
    : [];
}

function propertiesOf(schema: Json): SchemaObject {
  const properties = isObject(schema) ? schema.properties : undefined;
  return isObject(properties) ? properties : {};
}

function isObject(value: Json | undefined): value is SchemaObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
