// W4: an HTTP request to cancel, sent by another process, until the handler's AbortSignal fires. Held against the round
// trip of a request that changes nothing.
import { type ChildServer, startChildServer } from "../child-server.ts";
import { withFolder } from "../folder.ts";
import { type Comparison, epochNow, quantile } from "../measure.ts";

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

async function once(server: ChildServer, times: Times): Promise<void> {
  const started = server.next("started");
  const { id } = await post(`${server.url}/api/v1/jobs`, { type: "sleeper", input: {} });
  await started;
  const polledAt = epochNow();
  await (await fetch(`${server.url}/api/v1/jobs/${id}`)).text();
  times.polls.push(epochNow() - polledAt);
  const aborted = server.next("aborted");
  const askedAt = epochNow();
  const asked = post(`${server.url}/api/v1/jobs/${id}/cancel`);
  times.cancels.push((await aborted).at - askedAt);
  await asked;
}

const measure = () =>
  withFolder(async (directory) => {
    const server = await startChildServer(directory);
    const times: Times = { cancels: [], polls: [] };
    for (let n = 0; n < TIMES; n += 1) await once(server, times);
    await server.kill();
    return times;
  });

const comparison = (name: string, share: number, absolute: number): Comparison => {
  let polls: readonly number[] = [];
  return {
    name: `W4 cancel to signal, ${name}`,
    unit: "ms",
    async pawl() {
      const times = await measure();
      polls = times.polls;
      return quantile(times.cancels, share);
    },
    against: { name: "round trip of a GET", round: async () => quantile(polls, share) },
    target: { absolute },
    rounds: 3,
  };
};

export const w4: readonly Comparison[] = [comparison("p50", 0.5, 2), comparison("p95", 0.95, 10)];
