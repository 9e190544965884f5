// Requests for an operation: most of them good, some with one thing wrong, some wild in every part.
import fc from "fast-check";
import type { Described, JsonSchema } from "./described.ts";
import { damaged, fittingValues, type JobTypes, mark, wildValues } from "./values.ts";

/** A request before its marks are filled in. */
export interface GeneratedRequest {
  readonly operation: Described;
  readonly kind: "good" | "damaged" | "wild";
  /** By name; not encoded yet. */
  readonly params: Readonly<Record<string, string>>;
  /** Not encoded yet. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: GeneratedBody | null;
}

export type GeneratedBody =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "bytes"; readonly type: string; readonly text: string }
  | { readonly kind: "form"; readonly parts: readonly FormPart[] };

interface FormPart {
  readonly name: string;
  readonly fileName: string | null;
  readonly text: string;
}

/** What a path parameter names, by where it stands. */
const NAMED: readonly (readonly [path: RegExp, kind: string])[] = [
  [/^\/api\/v1\/jobs\/\{id\}\/artifacts\/\{name\}/, "artifact"],
  [/^\/api\/v1\/jobs\//, "job"],
  [/^\/api\/v1\/files\//, "file"],
  [/^\/api\/v1\/tokens\//, "token"],
  [/^\/api\/v1\/queues\//, "queue"],
  [/^\/api\/v1\/schedules\//, "schedule"],
  [/^\/api\/v1\/datasets\//, "dataset"],
  [/^\/jobs\//, "pooled"],
  [/^\/poll-task\//, "task"],
  [/^\/(halt|resume|stop|details)\//, "haltable"],
];

const textOf = (value: unknown) => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
const CSV = "name,phone,visited_on\nAda,1,2025-01-01\nBob,2,2025-01-02\n";
const contents = fc.constantFrom(CSV, CSV, "name\nRed\nBlue\n", "", 'a,b\n"', "\0\x01\x02");
const fileNames = fc.constantFrom("rows.csv", "../rows.csv", "a b.csv", "CON");

type Parts = Omit<GeneratedRequest, "operation" | "kind">;

/** Good requests for `operation`. */
function goodParts(operation: Described, jobTypes: JobTypes): fc.Arbitrary<Parts> {
  return fc.record({
    params: paramsOf(operation),
    query: queryOf(operation, jobTypes),
    headers: headersOf(operation),
    body: bodyOf(operation, jobTypes),
  });
}

/** In which state a job has to be for the operation to succeed. */
const READY: Readonly<Record<string, string>> = {
  editJob: "waiting",
  pauseJob: "running",
  resumeJob: "halted",
  cancelJob: "running",
  terminateJob: "running",
  retryJob: "ended",
  removeJob: "ended",
  rollbackJob: "undoable",
  earlier3Halt: "running-haltable",
  earlier3HaltByPost: "running-haltable",
  earlier3Resume: "halted",
  earlier3ResumeByPost: "halted",
  editSchedule: "fresh-schedule",
  getSchedule: "fresh-schedule",
};

function paramsOf(operation: Described): fc.Arbitrary<Parts["params"]> {
  const names = operation.parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
  const [, anyKind = "nothing"] = NAMED.find(([path]) => path.test(operation.path)) ?? [];
  const ready = READY[operation.operationId] ?? anyKind;
  const kinds = fc.constantFrom(anyKind, ready, ready);
  return fc
    .tuple(kinds, fc.nat(1_000))
    .map(([kind, n]) =>
      Object.fromEntries(
        names.map((name) => [name, kind === "artifact" ? `{{artifact-${name}:${n}}}` : `{{${kind}:${n}}}`]),
      ),
    );
}

function queryOf(operation: Described, jobTypes: JobTypes): fc.Arbitrary<Parts["query"]> {
  const schema = objectOf(operation, "query");
  const own =
    operation.path === "/updateTask"
      ? { id: fc.oneof(mark("task-key"), mark("waiting-task"), mark("waiting-task")) }
      : {};
  return fc
    .tuple(fittingValues(schema, jobTypes), fc.record(own))
    .map(([values, named]) =>
      Object.entries({ ...Object(values), ...named }).flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value]).map((one) => [name, textOf(one)] as const),
      ),
    );
}

function objectOf({ parameters }: Described, place: string): JsonSchema {
  const members = parameters.filter((parameter) => parameter.in === place);
  return {
    type: "object",
    properties: Object.fromEntries(members.map(({ name, schema }) => [name, schema])),
    required: members.filter(({ required }) => required).map(({ name }) => name),
  };
}

/** Headers that mean something somewhere. */
const MEANT: ReadonlyMap<string, fc.Arbitrary<string>> = new Map<string, fc.Arbitrary<string>>([
  ["Idempotency-Key", fc.constantFrom("one", "two", "three", "four", "five")],
  ["Range", fc.constantFrom("bytes=0-3", "bytes=2-", "bytes=-2", "bytes=9999-", "items=1")],
  ["If-Range", fc.constantFrom('"x"', "yesterday")],
  ["Last-Event-ID", fc.constantFrom("abc-1", "0-0", "nonsense")],
]);

function headersOf({ parameters }: Described): fc.Arbitrary<Parts["headers"]> {
  const names = parameters.filter((parameter) => parameter.in === "header").map(({ name }) => name);
  const makers = names.map((name) => {
    const some = (MEANT.get(name) ?? fc.constant("x")).map((value): Parts["headers"] => ({ [name]: value }));
    return fc.oneof(fc.constant<Parts["headers"]>({}), some);
  });
  return fc.tuple(...makers).map((headers) => Object.assign({}, ...headers));
}

function bodyOf({ requestBody, path }: Described, jobTypes: JobTypes): fc.Arbitrary<GeneratedBody | null> {
  if (!requestBody) return fc.constant(null);
  const makers = Object.entries(requestBody.content).map(([type, { schema }]): fc.Arbitrary<GeneratedBody> => {
    if (type === "application/json") {
      return fittingValues(schema, jobTypes).map((value) => ({ kind: "json", value }));
    }
    if (type === "multipart/form-data") return formsOf(path);
    return contents.map((text) => ({ kind: "bytes", type: "text/csv", text }));
  });
  return fc.oneof(...makers);
}

/** Forms bring a file, and where they submit, the job that reads it. */
function formsOf(path: string): fc.Arbitrary<GeneratedBody> {
  const jobs = fc.constantFrom({ type: "csv-import", input: { dataset: "formed" } }, { type: "bulk-teams", input: {} });
  return fc.tuple(jobs, contents, fileNames).map(([job, text, fileName]) => {
    const file = { name: "file", fileName, text };
    const submits = path === "/api/v1/jobs";
    return {
      kind: "form",
      parts: submits ? [{ name: "job", fileName: null, text: JSON.stringify(job) }, file] : [file],
    };
  });
}

/** What goes over the wire as it is: bytes that a header may have. */
const headerText = fc
  .string({ unit: fc.constantFrom(..."abcXYZ019 \t-_/;,=\"'()<>%\\\xe9\xff"), maxLength: 30 })
  .map((text) => text.trim());

const oddHeaders: fc.Arbitrary<Readonly<Record<string, string>>> = fc.oneof(
  fc.constantFrom<Readonly<Record<string, string>>>(
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" },
    { origin: "https://evil.example" },
    { host: "evil.example" },
    { "content-type": "text/plain" },
    { "content-type": "multipart/form-data" },
    { "content-type": "application/json; charset=utf-16" },
    { "content-encoding": "gzip" },
    { "sec-purpose": "prefetch" },
    { authorization: "Bearer pawl_0123456789ab_nothing" },
    { authorization: "{{reader:0}}" },
    { "x-http-method-override": "DELETE" },
    { cookie: "pawl_session=x; a=%zz" },
  ),
  fc
    .tuple(
      fc.constantFrom(
        "range",
        "if-range",
        "idempotency-key",
        "last-event-id",
        "accept",
        "cookie",
        "content-type",
        "origin",
      ),
      headerText,
    )
    .map(([name, value]) => ({ [name]: value })),
);

/** A good request with one thing wrong. */
function damagedParts(good: Parts): fc.Arbitrary<Parts> {
  const wildText = wildValues.map(textOf);
  const choices: fc.Arbitrary<Parts>[] = [
    oddHeaders.map((headers) => ({ ...good, headers: { ...good.headers, ...headers } })),
    fc.tuple(wildText, wildText).map(([name, value]) => ({ ...good, query: [...good.query, [name, value] as const] })),
  ];
  const [name] = Object.keys(good.params);
  if (name !== undefined)
    choices.push(wildText.map((value) => ({ ...good, params: { ...good.params, [name]: value } })));
  const [first] = good.query;
  if (first) choices.push(wildText.map((value) => ({ ...good, query: [[first[0], value], ...good.query] })));
  const { body } = good;
  if (body?.kind === "json") {
    const bad = damaged(body.value).map((value) => ({ ...good, body: { ...body, value } }));
    choices.push(bad, bad, bad);
  }
  if (body?.kind === "form") {
    choices.push(
      fc
        .constantFrom<readonly FormPart[]>([], body.parts.slice(1), [...body.parts, ...body.parts])
        .map((parts) => ({ ...good, body: { ...body, parts } })),
      wildText.map((text) => ({ ...good, body: { ...body, parts: body.parts.map((part) => ({ ...part, text })) } })),
    );
  }
  return fc.oneof(...choices);
}

function wildParts({ params, ...good }: Parts): fc.Arbitrary<Parts> {
  const wildText = wildValues.map(textOf);
  return fc.record({
    params: fc.record(Object.fromEntries(Object.keys(params).map((name) => [name, wildText]))),
    query: fc.array(fc.tuple(fc.oneof(wildText, fc.constantFrom("id", "limit", "state", "after")), wildText), {
      maxLength: 3,
    }),
    headers: fc.oneof(fc.constant({}), oddHeaders),
    body: good.body ? wildValues.map((value) => ({ kind: "json", value }) as const) : fc.constant(null),
  });
}

/** Requests for `operation`. */
export function requestsFor(operation: Described, jobTypes: JobTypes): fc.Arbitrary<GeneratedRequest> {
  const good = goodParts(operation, jobTypes);
  const as = (kind: GeneratedRequest["kind"]) => (parts: Parts) => ({ ...parts, kind, operation });
  return fc.oneof(
    { weight: 6, arbitrary: good.map(as("good")) },
    { weight: 3, arbitrary: good.chain(damagedParts).map(as("damaged")) },
    { weight: 1, arbitrary: good.chain(wildParts).map(as("wild")) },
  );
}
