// W7: memory of a server process: idle, after 20,000 jobs came by HTTP and ran, and after the same with 1,000,000 others
// waiting. Resident memory as Linux tells it, the highest since the process began.
import { readFileSync } from "node:fs";
import { createManager } from "../../src/index.ts";
import type { Bench } from "../backend.ts";
import { type ChildServer, startChildServer } from "../child-server.ts";
import { fillWaiting, noop } from "../growth.ts";
import type { Comparison } from "../measure.ts";
import { openPlace, type Place } from "../place.ts";

const JOBS = 20_000;
const BATCH = 500;
const BYTES_PER_MB = 1_000_000;

function peakMb({ pid }: ChildServer): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return (Number(kib) * 1_024) / BYTES_PER_MB;
}

async function ask(url: string, path: string, body?: object): Promise<unknown> {
  const init = body && {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(url + path, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Jobs in batches, and what a dashboard asks meanwhile. */
async function load({ url }: ChildServer): Promise<void> {
  for (let sent = 0; sent < JOBS; sent += BATCH) {
    const jobs = Array.from({ length: BATCH }, (_, n) => ({ type: "noop", input: { n } }));
    await ask(url, "/api/v1/jobs/batch", { jobs });
    await ask(url, "/api/v1/jobs?limit=200");
    await ask(url, "/api/v1/jobs?q=order-&limit=200");
    await ask(url, "/api/v1/stats");
  }
}

async function fill(place: Place, waiting: number): Promise<void> {
  const opened = await openPlace(place);
  await fillWaiting(createManager({ ...opened, jobs: [noop(() => {})] }), waiting);
  await opened.store.close();
}

const weight = (bench: Bench, waiting: number, use: (server: ChildServer) => Promise<void>) => () =>
  bench.withPlace(async (place) => {
    if (waiting > 0) await fill(place, bench.times(waiting));
    const server = await startChildServer(place);
    try {
      await use(server);
      return peakMb(server);
    } finally {
      await server.kill();
    }
  });

const comparison = (name: string, pawl: () => Promise<number>, absolute: number): Comparison => ({
  name: `W7 memory, ${name}`,
  unit: "MB",
  pawl,
  against: null,
  target: { absolute },
  rounds: 1,
  isCold: true,
});

export const w7 = (bench: Bench): readonly Comparison[] => [
  comparison(
    "idle",
    weight(bench, 0, async () => {}),
    110,
  ),
  comparison("after 20,000 jobs", weight(bench, 0, load), 160),
  comparison("with 1,000,000 waiting", weight(bench, 1_000_000, load), 300),
];
