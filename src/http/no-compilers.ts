// What stands in for the compilers of JSON schemas that Fastify loads by itself. No route has such a schema: inputs are
// checked by zod, and replies are written as they are. The compilers would be a tenth of a server's start.

const refuse = () => () => {
  throw new Error("A route has a JSON schema, which nothing compiles: give its operation a schema of zod.");
};

/** Fastify's option `schemaController`. */
export const NO_COMPILERS = { compilersFactory: { buildValidator: refuse, buildSerializer: refuse } };
