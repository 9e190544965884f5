// A Fastify server that stores nothing: the same payloads as the benchmark's requests, with a schema each, and no more.
import Fastify from "fastify";

const SAMPLE = {
  id: "01939f6a-6a1c-7b64-9a52-3a1d8a1c0b11",
  type: "noop",
  key: null,
  queue: "default",
  priority: 0,
  labels: {},
  state: "queued",
  phase: "forward",
  progress: { done: 0, total: null, unit: null, message: null, ratePerSecond: null, etaMs: null },
  attempt: 1,
  maxAttempts: 3,
  crashCount: 0,
  input: { n: 1 },
  output: null,
  error: null,
  control: null,
  allowedActions: ["pause", "cancel", "terminate"],
  abandoned: false,
  worker: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  availableAt: "2026-01-01T00:00:00.000Z",
  startedAt: null,
  finishedAt: null,
  runningMs: 0,
  checkpoint: { seq: 0, savedAt: null },
  artifacts: [],
};

const nullable = (type: string) => ({ type: [type, "null"] });
const schema = {
  type: "object",
  properties: Object.fromEntries(
    Object.entries(SAMPLE).map(([name, value]) => {
      if (value === null) return [name, nullable("string")];
      if (Array.isArray(value)) return [name, { type: "array", items: { type: "string" } }];
      if (typeof value === "object") return [name, { type: "object", additionalProperties: true }];
      return [name, { type: typeof value }];
    }),
  ),
};

const body = {
  type: "object",
  required: ["type", "input"],
  properties: { type: { type: "string" }, input: { type: "object", additionalProperties: true } },
};

const app = Fastify();
app.post("/jobs", { schema: { body, response: { 201: schema } } }, async (_request, reply) =>
  reply.code(201).send(SAMPLE),
);
app.get("/jobs/:id", { schema: { response: { 200: schema } } }, async () => SAMPLE);
console.log(await app.listen({ host: "127.0.0.1", port: 0 }));
