// Sends generated requests to a server, one after the other, and judges each reply and what it left behind. The same seed
// makes the same requests; what they meet may differ where jobs run meanwhile.
import fc from "fast-check";
import { type CallApi, createApiCaller, makeToken } from "../api-caller.ts";
import type { World } from "../world.ts";
import { createValidator, type Described, type JsonSchema, operationsOf, readDocument } from "./described.ts";
import { createJudge, type Judge } from "./judge.ts";
import { createKnownThings, type KnownThings } from "./known-things.ts";
import { type GeneratedRequest, requestsFor } from "./requests.ts";
import { createSender, type GeneratedReply, type Sender, type SentRequest, toWire } from "./send.ts";
import { createSupply } from "./supply.ts";
import type { JobTypes } from "./values.ts";

export interface RunOptions {
  readonly seed: number;
  readonly requests: number;
  /** Stops when so many requests have failed. Default 10. */
  readonly failuresMax?: number;
}

export interface OperationCounts {
  requests: number;
  /** Answered with 2xx or 3xx. */
  successes: number;
}

export interface RunReport {
  readonly sent: number;
  readonly byOperation: ReadonlyMap<string, OperationCounts>;
  readonly byStatus: ReadonlyMap<number, number>;
  readonly failures: readonly string[];
}

/** What a refused request must not add to or take from. Running jobs do neither. */
const KEPT = ["jobs", "schedules", "queues", "tokens", "labels", "files WHERE kind = 'upload'"];
/** What it must not add to. These are forgotten in time. */
const FORGOTTEN = ["sessions", "idempotency", "dedupe"];
const TABLES = [...KEPT, ...FORGOTTEN];

/** Requests until there is something fresh to steer. */
const RENEW_EVERY = 80;
/** Requests of one batch: they are made before they are sent. */
const BATCH = 1_000;

export async function runRequests(world: World, { seed, requests, failuresMax = 10 }: RunOptions): Promise<RunReport> {
  const { token } = await makeToken(createApiCaller(world.url, null), { name: "admin", scope: "admin" });
  const call = createApiCaller(world.url, token);
  const known = createKnownThings();
  known.add("secret", token);
  await getAcquainted(world, known, call);
  const supply = createSupply(call, known);
  const document = await readDocument(world.url);
  const operations = operationsOf(document);
  const jobTypes = await readJobTypes(call);
  const generators = operations.map((operation) => requestsFor(operation, jobTypes));
  const judge = createJudge({ validate: await createValidator(document), secrets: [world.dataDir, process.execPath] });
  const sender = createSender(world.url);
  const report = createReport(operations);
  const attempt = createAttempt({ world, token, known, sender, judge, report });
  const going = () => report.failures.length < failuresMax;
  for (let begun = 0; begun < requests && going(); begun += BATCH) {
    const count = Math.min(BATCH, requests - begun);
    for (const [index, request] of sample(generators, { seed: seed + begun, count }).entries()) {
      if (index % RENEW_EVERY === 0) await supply.renew();
      await attempt(request);
    }
  }
  for (const [index, operation] of operations.entries()) {
    const generator = generators[index];
    const unlucky = () => going() && report.byOperation.get(operation.operationId)?.successes === 0;
    if (!generator || !unlucky()) continue;
    await supply.renew();
    for (const request of fc.sample(generator, { seed, numRuns: MORE_MAX })) if (unlucky()) await attempt(request);
  }
  sender.close();
  return report;
}

/** So many more requests an operation gets that was never lucky: then it is not bad luck. */
const MORE_MAX = 200;

interface AttemptServices {
  readonly world: World;
  readonly token: string;
  readonly known: KnownThings;
  readonly sender: Sender;
  readonly judge: Judge;
  readonly report: Report;
}

/** Sends a request, judges what came of it, and learns from it. */
function createAttempt({ world, token, known, sender, judge, report }: AttemptServices) {
  return async (request: GeneratedRequest): Promise<void> => {
    const wire = toWire(request, known.fill, "localhost");
    const sent = { ...wire, headers: { authorization: `Bearer ${token}`, ...wire.headers } };
    const before = world.stored.count(TABLES);
    const reply = await sender.send(sent).catch((error: Error) => error);
    const unfit = reply instanceof Error ? reply.message : reply && judge(request.operation, reply);
    const changed = isRefused(request.operation, reply) ? changeOf(before, world.stored.count(TABLES)) : null;
    const wrong = unfit ?? changed;
    if (wrong !== null) report.fail(describe({ request, sent, reply, index: report.sent }, wrong));
    report.note(request, reply);
    if (reply && !(reply instanceof Error) && reply.status < 300)
      known.learn(request.operation.operationId, reply.body);
  };
}

function changeOf(before: readonly number[], after: readonly number[]): string | null {
  const changed = TABLES.filter((_table, index) => {
    const grown = (after[index] ?? 0) - (before[index] ?? 0);
    return grown > 0 || (grown < 0 && index < KEPT.length);
  });
  return changed.length === 0 ? null : `it changed ${changed.join(", ")}`;
}

/** Reads change nothing either. */
const isRefused = ({ method, path }: Described, reply: GeneratedReply | Error | null) =>
  reply === null || reply instanceof Error || reply.status >= 400 || (method === "GET" && path.startsWith("/api/"));

function sample(
  generators: readonly fc.Arbitrary<GeneratedRequest>[],
  { seed, count }: { readonly seed: number; readonly count: number },
): readonly GeneratedRequest[] {
  const perOperation = Math.ceil(count / generators.length);
  const made = generators.flatMap((generator, index) =>
    fc.sample(generator, { seed: seed * 131 + index, numRuns: perOperation }),
  );
  const [order = []] = fc.sample(fc.shuffledSubarray([...made.keys()], { minLength: made.length }), {
    seed,
    numRuns: 1,
  });
  return order.slice(0, count).flatMap((index) => made[index] ?? []);
}

async function getAcquainted({ names }: World, known: KnownThings, call: CallApi): Promise<void> {
  for (const name of ["held", "paused", "waiting", "imported", "done"]) known.add("job", names.get(name) ?? "");
  known.add("file", names.get("file") ?? "");
  known.add("schedule", "yearly");
  for (const queue of ["shelf", "imports"]) known.add("queue", queue);
  known.add("dataset", "contacts");
  const reader = await makeToken(call, { name: "reader", scope: "read" });
  known.add("reader", `Bearer ${reader.token}`);
}

async function readJobTypes(call: CallApi): Promise<JobTypes> {
  const { items } = await call<{ readonly items: readonly { name: string; input: JsonSchema }[] }>(
    "GET",
    "/api/v1/job-types",
  );
  return new Map(items.map(({ name, input }) => [name, input]));
}

interface Report extends RunReport {
  readonly failures: string[];
  note(request: GeneratedRequest, reply: GeneratedReply | Error | null): void;
  fail(what: string): void;
}

function createReport(operations: readonly Described[]): Report {
  const byOperation = new Map(operations.map(({ operationId }) => [operationId, { requests: 0, successes: 0 }]));
  const byStatus = new Map<number, number>();
  const failures: string[] = [];
  let sent = 0;
  return {
    get sent() {
      return sent;
    },
    byOperation,
    byStatus,
    failures,
    note({ operation }, reply) {
      sent += 1;
      const status = reply === null || reply instanceof Error ? 0 : reply.status;
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
      const counts = byOperation.get(operation.operationId);
      if (!counts) return;
      counts.requests += 1;
      if (status >= 200 && status < 400) counts.successes += 1;
    },
    fail: (what) => void failures.push(what),
  };
}

interface Met {
  readonly request: GeneratedRequest;
  readonly sent: SentRequest;
  readonly reply: GeneratedReply | Error | null;
  readonly index: number;
}

const SHOWN_MAX = 1_000;

function describe({ request, sent, reply, index }: Met, wrong: string): string {
  const { headers, method, target, body } = sent;
  const { authorization: _secret, ...shown } = headers;
  const asked = `${method} ${target} ${JSON.stringify(shown)} ${body?.toString() ?? ""}`.slice(0, SHOWN_MAX);
  const answered = reply instanceof Error || reply === null ? "" : `${reply.status} ${reply.body}`.slice(0, SHOWN_MAX);
  return `Request ${index} (${request.kind}, ${request.operation.operationId}): ${wrong}\n  ${asked}\n  ${answered}`;
}
