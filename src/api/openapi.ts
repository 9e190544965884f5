// The OpenAPI 3.1 document, built from the operations and from nothing else.
import { z } from "zod";
import { ERROR_CODES, type ErrorCode } from "../domain/errors.ts";
import {
  auditPageSchema,
  issuedTokenSchema,
  sessionSchema,
  tokenListSchema,
  tokenSchema,
} from "./access-operations.ts";
import { datasetListSchema, datasetRowsSchema, jobTypeListSchema, teamPageSchema } from "./catalog-operations.ts";
import { bulkAnswerSchema } from "./control-operations.ts";
import { statsSchema, workerListSchema } from "./figure-operations.ts";
import { fileSchema } from "./file-operations.ts";
import {
  artifactListSchema,
  artifactSchema,
  jobListSchema,
  jobPageSchema,
  jobSchema,
  jobSummarySchema,
} from "./job.ts";
import { errorsOf, type Operation, type Reply, TAGS } from "./operation.ts";
import { PROBLEM_MEDIA_TYPE, problemHead, problemSchema } from "./problem.ts";
import { queueListSchema, queueSchema } from "./queue-operations.ts";
import { historyEntrySchema, historyPageSchema, logLineSchema, logPageSchema } from "./records.ts";
import { scheduleListSchema, scheduleSchema } from "./schedule-operations.ts";
import { jobsFrameSchema, logFrameSchema, resyncFrameSchema } from "./stream-operations.ts";

/** The reply schemas that the document names. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  Job: jobSchema,
  JobSummary: jobSummarySchema,
  JobPage: jobPageSchema,
  JobList: jobListSchema,
  BulkAnswer: bulkAnswerSchema,
  Queue: queueSchema,
  QueueList: queueListSchema,
  Schedule: scheduleSchema,
  ScheduleList: scheduleListSchema,
  Stats: statsSchema,
  WorkerList: workerListSchema,
  Artifact: artifactSchema,
  ArtifactList: artifactListSchema,
  HistoryEntry: historyEntrySchema,
  HistoryPage: historyPageSchema,
  LogLine: logLineSchema,
  LogPage: logPageSchema,
  File: fileSchema,
  JobTypeList: jobTypeListSchema,
  DatasetList: datasetListSchema,
  DatasetRowPage: datasetRowsSchema,
  TeamPage: teamPageSchema,
  Session: sessionSchema,
  Token: tokenSchema,
  TokenList: tokenListSchema,
  IssuedToken: issuedTokenSchema,
  AuditPage: auditPageSchema,
  JobsFrame: jobsFrameSchema,
  LogFrame: logFrameSchema,
  ResyncFrame: resyncFrameSchema,
  Problem: problemSchema,
};

const refTo = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const nameOf = new Map(Object.entries(NAMED).map(([name, schema]) => [schema, name]));

type JsonSchema = Record<string, unknown>;
type Responses = Readonly<Record<string, JsonSchema>>;

/** Drops what OpenAPI has another place for, the pattern that only repeats a format, and the closing of replies, which may grow. */
function tidy(node: unknown, closed: boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => tidy(item, closed));
  if (typeof node !== "object" || node === null) return node;
  const hasFormat = "format" in node && typeof node.format === "string";
  const entries = Object.entries(node).filter(
    ([key, value]) =>
      key !== "$schema" &&
      key !== "$id" &&
      !(key === "pattern" && hasFormat) &&
      !(key === "additionalProperties" && value === false && !closed),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, tidy(value, closed)]));
}

const requestSchema = (schema: z.ZodType, io: "input" | "output"): JsonSchema => ({
  ...Object(tidy(z.toJSONSchema(schema, { io, unrepresentable: "any" }), true)),
});

function componentSchemas(): JsonSchema {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: "output", unrepresentable: "any", uri: (id) => refTo(id).$ref });
  return { ...Object(tidy(schemas, false)) };
}

function replySchema(schema: z.ZodType): JsonSchema {
  const name = nameOf.get(schema);
  if (name) return refTo(name);
  return { ...Object(tidy(z.toJSONSchema(schema, { unrepresentable: "any" }), false)) };
}

function parametersIn(place: "path" | "query", schema: z.ZodType | undefined): JsonSchema[] {
  if (!schema) return [];
  const properties: JsonSchema = { ...Object(requestSchema(schema, "output").properties) };
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = { description: undefined, ...Object(property) };
    return { name, in: place, required: place === "path", ...(description ? { description } : {}), schema: rest };
  });
}

const headerParameters = (headers: Operation["headers"] = {}): JsonSchema[] =>
  Object.entries(headers).map(([name, description]) => ({
    name,
    in: "header",
    required: false,
    description,
    schema: { type: "string" },
  }));

const FILE_FIELD = { type: "string", format: "binary" } as const;

function requestBody(operation: Operation): JsonSchema | undefined {
  const content: JsonSchema = {};
  if (operation.body) {
    const schema = requestSchema(operation.body, "input");
    content["application/json"] = { schema, example: operation.bodyExample };
    if (operation.upload === "job-with-files") {
      const properties = { job: schema };
      content["multipart/form-data"] = {
        schema: { type: "object", properties, required: ["job"], additionalProperties: FILE_FIELD },
        encoding: { job: { contentType: "application/json" } },
      };
    }
  }
  if (operation.upload === "one-file" || operation.upload === "file-field") {
    content["multipart/form-data"] = {
      schema: { type: "object", properties: { file: FILE_FIELD }, required: ["file"] },
    };
  }
  if (operation.upload === "one-file") content["application/octet-stream"] = { schema: FILE_FIELD };
  if (Object.keys(content).length === 0) return undefined;
  return { required: operation.upload !== undefined || !operation.body?.safeParse(undefined).success, content };
}

function successResponse(reply: Reply): JsonSchema {
  const headers = Object.entries(reply.headers ?? {}).map(([name, example]) => [
    name,
    { schema: { type: "string" }, example },
  ]);
  const body = reply.schema
    ? { "application/json": { schema: replySchema(reply.schema), example: reply.example } }
    : reply.mediaType && { [reply.mediaType]: { schema: { type: "string" }, example: reply.example } };
  return {
    description: reply.description,
    ...(headers.length > 0 ? { headers: Object.fromEntries(headers) } : {}),
    ...(body ? { content: body } : {}),
  };
}

/** What a browser gets that was sent to a GET which changes something. */
const PAGE = { "text/html": { schema: { type: "string" } } } as const;

function withPage(response: JsonSchema): JsonSchema {
  const description = `${response.description} A browser that was sent here gets a page that asks first.`;
  return { ...response, description, content: { ...Object(response.content), ...PAGE } };
}

function problemResponses(codes: readonly ErrorCode[]): Responses {
  const byStatus = Map.groupBy(codes, (code) => ERROR_CODES[code].status);
  const responses = [...byStatus].map(([status, members]) => [
    status,
    {
      description: members.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}.`).join(" "),
      content: {
        [PROBLEM_MEDIA_TYPE]: {
          schema: refTo("Problem"),
          examples: Object.fromEntries(
            members.map((code) => [
              code,
              { value: { ...problemHead(code), detail: `${ERROR_CODES[code].title}.`, code } },
            ]),
          ),
        },
      },
    },
  ]);
  return Object.fromEntries(responses);
}

/** Success and problems. A status that has both, as in earlier APIs, answers with either. */
function joined(replies: Responses, problems: Responses): Responses {
  const both = Object.entries(problems).map(([status, problem]) => {
    const reply = replies[status];
    if (!reply) return [status, problem];
    const content = { ...Object(reply.content), ...Object(problem.content) };
    return [status, { ...reply, description: `${reply.description} ${problem.description}`, content }];
  });
  return { ...replies, ...Object.fromEntries(both) };
}

/** The names in the lists are the scope that is needed. */
const securityOf = ({ scope }: Operation) =>
  scope === "public" ? { security: [] } : { security: [{ bearerToken: [scope] }, { session: [scope] }] };

const SECURITY_SCHEMES = {
  bearerToken: {
    type: "http",
    scheme: "bearer",
    description: "A token: `pawl_<id>_<secret>`. Needed beyond loopback, and wherever a token was ever made.",
  },
  session: {
    type: "apiKey",
    in: "cookie",
    name: "pawl_session",
    description: "What `POST /api/v1/session` gives a browser. Over HTTPS it is called `__Host-pawl_session`.",
  },
} as const;

function describe(operation: Operation): JsonSchema {
  const replies = Object.entries(operation.replies).map(([status, reply]) => {
    const response = successResponse(reply);
    return [status, operation.changes && status === "200" ? withPage(response) : response];
  });
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    description: operation.description,
    parameters: [
      ...parametersIn("path", operation.params),
      ...parametersIn("query", operation.query),
      ...headerParameters(operation.headers),
    ],
    requestBody: requestBody(operation),
    ...securityOf(operation),
    responses: joined(Object.fromEntries(replies), problemResponses(errorsOf(operation))),
  };
}

/**
 * The document of the given operations. Plain JSON.
 *
 * @example
 * openApiDocument(OPERATIONS).openapi; // "3.1.1"
 */
export function openApiDocument(operations: readonly Operation[]): {
  readonly openapi: string;
  readonly paths: JsonSchema;
} {
  const byPath = Object.entries(Object.groupBy(operations, (operation) => operation.path));
  const paths = Object.fromEntries(
    byPath.map(([path, members = []]) => [
      path,
      Object.fromEntries(members.map((operation) => [operation.method.toLowerCase(), describe(operation)])),
    ]),
  );
  const document = {
    openapi: "3.1.1",
    info: {
      title: "Pawl",
      version: "1",
      description:
        "Long jobs that can be paused, resumed, stopped, killed and undone while they run. Errors are RFC 9457 problem details; match their `code`.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: Object.entries(TAGS)
      .filter(([name]) => operations.some(({ tag }) => tag === name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: componentSchemas(), securitySchemes: SECURITY_SCHEMES },
  };
  return JSON.parse(JSON.stringify(document));
}
