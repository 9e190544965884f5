// The operations of a served OpenAPI document, as generated requests need them, and its schemas as judges of replies.
// Invariant: nothing here is known of the program but what the document says.
import Fastify from "fastify";

export type JsonSchema = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: JsonSchema;
}

interface Content {
  readonly schema: JsonSchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, unknown>>;
}

interface Response {
  readonly content?: Readonly<Record<string, Content>>;
}

/** An operation as the document describes it. */
interface OperationObject {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, Content>> };
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Described extends OperationObject {
  /** In capitals. */
  readonly method: string;
  readonly path: string;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export function operationsOf(document: Document): readonly Described[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
}

export async function readDocument(url: string): Promise<Document> {
  const response = await fetch(`${url}/openapi.json`);
  return (await response.json()) as Document;
}

/** Says what is wrong with a value, by the schema at that place of the document; `null`: nothing. */
export type Validate = (schema: JsonSchema, value: unknown) => string | null;

/** Makes the judge of a document's schemas out of the validator that the server's own library brings. */
export async function createValidator(document: Document): Promise<Validate> {
  const compile = await validatorCompiler(document);
  const compiled = new Map<JsonSchema, ReturnType<typeof compile>>();
  return (schema, value) => {
    const check = compiled.get(schema) ?? compile(schema);
    compiled.set(schema, check);
    return check(value) ? null : JSON.stringify(check.errors);
  };
}

type Check = ((value: unknown) => unknown) & { readonly errors?: unknown };

async function validatorCompiler({ components }: Document): Promise<(schema: JsonSchema) => Check> {
  const customOptions = { coerceTypes: false, removeAdditional: false, useDefaults: false, strict: false } as const;
  const app = Fastify({ ajv: { customOptions } });
  app.addSchema({ ...locally({ $defs: components.schemas }), $id: "document" });
  const { promise, resolve } = Promise.withResolvers<(schema: JsonSchema) => Check>();
  app.get("/", async (request) => {
    resolve((schema) => request.compileValidationSchema(locally(schema)) as Check);
  });
  await app.inject("/");
  return promise;
}

/** The same with references that lead into the one schema that the validator knows. */
const locally = (schema: JsonSchema): JsonSchema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/schemas/', '"document#/$defs/'));
