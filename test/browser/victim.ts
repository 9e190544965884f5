// What the attackers are after: a real server with a running job of each API that can be told to stop one. It keeps a list
// of every request that reached it, and can tell whether anything at all was left behind.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type CompatServer, compatServerFor, ENDLESS_MS } from "../http/compat/support.ts";
import { waitFor } from "../support/wait-for.ts";

/** A request that arrived, once it was answered. */
export interface Arrival {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly status: number;
}

export interface Victim {
  readonly pawl: CompatServer;
  readonly port: number;
  /** What would change something if it were let in, by method. */
  readonly paths: { readonly GET: readonly string[]; readonly POST: readonly string[] };
  /** Forgets what has arrived. */
  listen(): void;
  arrivals(): readonly Arrival[];
  /** Waits until each path was asked for by one of the methods. */
  arrived(methods: readonly string[], paths: readonly string[]): Promise<readonly Arrival[]>;
  /** All that an attack could have changed. */
  trace(): Promise<object>;
}

const IMPORT_KEY = "anonymous-baselineCSV-1763719200-1";

export async function startVictim(t: TestContext): Promise<Victim> {
  const pawl = await compatServerFor(t, { server: { allowedHosts: ["pawl.test"] } });
  const jobs = await startJobs(pawl);
  const { manager } = pawl;
  let arrivals: Arrival[] = [];
  pawl.server.app.server.on("request", ({ method = "", url = "", headers }, response) => {
    response.on("close", () => {
      // A form without fields ends its address with a question mark.
      arrivals.push({ method, path: url.replace(/\?$/, ""), headers, status: response.statusCode });
    });
  });
  return {
    pawl,
    port: Number(new URL(pawl.url).port),
    paths: pathsOf(jobs),
    listen() {
      arrivals = [];
    },
    arrivals: () => arrivals,
    async arrived(methods, paths) {
      const matching = () => arrivals.filter(({ method, path }) => methods.includes(method) && paths.includes(path));
      const list = () => arrivals.map(({ method, path }) => `${method} ${path}`).join(", ");
      return await waitFor(
        async () => new Set(matching().map(({ path }) => path)).size === paths.length && matching(),
        {
          what: `${methods.join(" or ")} ${paths.join(", ")}: what arrived is ${list()}`,
          everyMs: 2,
        },
      );
    },
    async trace() {
      const { items } = await manager.list({ limit: 100 });
      const histories = await Promise.all(items.map(async ({ id }) => [id, await manager.history(id)]));
      const states = items.map(({ id, state, control }) => [id, state, control]);
      return {
        states,
        histories,
        queues: (await manager.queues.list()).map(({ name, paused }) => [name, paused]),
        tokens: (await manager.access.tokens()).map(({ id, revokedAt }) => [id, revokedAt]),
        schedules: await manager.schedules.list(),
        uploadedBytes: await pawl.pawl.store.files.uploadedBytes(),
      };
    },
  };
}

interface Jobs {
  readonly ticker: string;
  readonly simple: string;
  readonly reverse: string;
}

/** One running job of each API that can stop one. None of them ends by itself. */
async function startJobs({ manager, call, until }: CompatServer): Promise<Jobs> {
  const submit = async (type: string, input: object, key?: string) => (await manager.submit({ type, input, key })).id;
  assert.equal((await call("POST", "/start?id=tick")).status, 200);
  const [ticker = { id: "" }] = (await manager.list({ type: ["ticker"] })).items;
  const simple = await submit("simple", { stepMs: ENDLESS_MS });
  const reverse = await submit("reverse-text", { text: "text", delayMs: ENDLESS_MS });
  const file = await manager.files.upload(rows(), { name: "people.csv", mediaType: "text/csv", maxBytes: 10_000_000 });
  const csv = await submit("csv-import", { dataset: "baseline", file: file.id, ratePerSecond: 1 }, IMPORT_KEY);
  for (const id of [ticker.id, simple, reverse, csv]) await until(id, "running");
  return { ticker: ticker.id, simple, reverse };
}

async function* rows() {
  yield Buffer.from("id,name\n");
  for (let n = 0; n < 20_000; n += 1) yield Buffer.from(`${n},person ${n}\n`);
}

const pathsOf = ({ ticker, simple, reverse }: Jobs): Victim["paths"] => ({
  GET: [
    "/stop?id=tick",
    "/start?id=another",
    `/updateTask?id=${IMPORT_KEY}&action=terminate`,
    `/halt/${simple}`,
    `/stop/${simple}`,
  ],
  POST: [
    `/api/v1/jobs/${ticker}/cancel`,
    "/api/v1/jobs",
    "/api/v1/tokens",
    "/api/v1/queues/default/pause",
    "/stop?id=tick",
    `/updateTask?id=${IMPORT_KEY}&action=stop`,
    `/stop/${simple}`,
    `/jobs/${reverse}/cancel`,
    "/uploadCSV",
  ],
});
