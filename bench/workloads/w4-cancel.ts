// W4: an HTTP request to cancel, sent by another process, until the handler's AbortSignal fires. Held against the round
// trip of a request that changes nothing. On PostgreSQL the server that is asked and the worker that runs the job are two
// processes.
import type { Bench } from "../backend.ts";
import type { ChildServer } from "../child-server.ts";
import { withFleet } from "../fleet.ts";
import { type Comparison, epochNow, quantile, type Target } from "../measure.ts";

const TIMES = 100;

interface Times {
  readonly cancels: number[];
  readonly polls: number[];
}

async function post(url: string, body?: unknown): Promise<{ id: string }> {
  const response = await fetch(url, {
    method: "POST",
    ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json() as Promise<{ id: string }>;
}

async function once(server: ChildServer, worker: ChildServer, times: Times): Promise<void> {
  const started = worker.next("started");
  const { id } = await post(`${server.url}/api/v1/jobs`, { type: "sleeper", input: {} });
  await started;
  const polledAt = epochNow();
  await (await fetch(`${server.url}/api/v1/jobs/${id}`)).text();
  times.polls.push(epochNow() - polledAt);
  const aborted = worker.next("aborted");
  const askedAt = epochNow();
  const asked = post(`${server.url}/api/v1/jobs/${id}/cancel`);
  times.cancels.push((await aborted).at - askedAt);
  await asked;
}

const measure = (bench: Bench) =>
  withFleet(bench, async ({ server, worker }) => {
    const times: Times = { cancels: [], polls: [] };
    for (let n = 0; n < bench.times(TIMES); n += 1) await once(server, worker, times);
    return times;
  });

interface Wanted {
  readonly name: string;
  readonly share: number;
  readonly target: Target;
}

const comparison = (bench: Bench, { name, share, target }: Wanted): Comparison => {
  let polls: readonly number[] = [];
  return {
    name: `W4 cancel to signal, ${name}`,
    unit: "ms",
    async pawl() {
      const times = await measure(bench);
      polls = times.polls;
      return quantile(times.cancels, share);
    },
    against: { name: "round trip of a GET", round: async () => quantile(polls, share) },
    target,
    rounds: bench.rounds(3),
  };
};

export const w4 = (bench: Bench): readonly Comparison[] => [
  comparison(bench, {
    name: "p50",
    share: 0.5,
    target: bench.target({ sqlite: { absolute: 2 }, postgres: { absolute: 5 } }),
  }),
  comparison(bench, {
    name: "p95",
    share: 0.95,
    target: bench.target({ sqlite: { absolute: 10 }, postgres: { absolute: 20 } }),
  }),
];
