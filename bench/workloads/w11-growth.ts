// W11: what is often asked, with 1,000 and with 1,000,000 jobs waiting in the store. The ratio is what growth costs.
import type { ListRequest, Manager } from "../../src/index.ts";
import type { Bench } from "../backend.ts";
import { inFlight } from "../bench-manager.ts";
import { FEW, type Grown, MANY, withWaiting } from "../growth.ts";
import { type Comparison, quantile } from "../measure.ts";

const TIMES = 200;
const DRAINED = 10_000;

/** Calls of what may be slow. */
const FEW_TIMES = 5;

/** The median of `calls` calls, in ms. */
async function medianMs(ask: () => Promise<unknown>, calls = TIMES): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < calls; n += 1) {
    const before = performance.now();
    await ask();
    times.push(performance.now() - before);
  }
  return quantile(times, 0.5);
}

interface Question {
  readonly name: string;
  readonly ask: (manager: Manager) => Promise<unknown>;
  readonly calls?: number;
}

const growth = (bench: Bench, { name, ask, calls = TIMES }: Question): Comparison => {
  const askOf = (jobs: number) => async () => {
    const { manager } = await withWaiting(bench, jobs);
    return medianMs(() => ask(manager), bench.times(calls));
  };
  return {
    name: `W11 ${name}`,
    unit: "ms",
    pawl: askOf(MANY),
    against: { name: "the same with 1,000", round: askOf(FEW) },
    target: { atMostRatio: 1.3 },
    rounds: bench.rounds(3),
  };
};

const list = (bench: Bench, name: string, request: ListRequest & { readonly calls?: number }) => {
  const { calls, ...filter } = request;
  return growth(bench, { name, calls, ask: (manager) => manager.list(filter) });
};

/** Submit to the handler's start, with the others waiting in a paused queue. */
async function startMs(bench: Bench, jobs: number): Promise<number> {
  const grown = await withWaiting(bench, jobs);
  return medianMs(async () => {
    const started = new Promise<number>((resolve) => {
      grown.onStart = resolve;
    });
    await grown.manager.submit({ type: "noop", input: { n: 0 } });
    await started;
  }, bench.times(TIMES));
}

/** Jobs a second, from the first submit until all have started. */
async function drainRate(bench: Bench, jobs: number): Promise<number> {
  const grown: Grown = await withWaiting(bench, jobs);
  const drained = bench.times(DRAINED);
  let left = drained;
  const all = new Promise<void>((resolve) => {
    grown.onStart = () => {
      left -= 1;
      if (left === 0) resolve();
    };
  });
  const before = performance.now();
  await inFlight(drained, 1_000, (n) => grown.manager.submit({ type: "noop", input: { n } }));
  await all;
  return (drained * 1_000) / (performance.now() - before);
}

export const w11 = (bench: Bench): readonly Comparison[] => [
  {
    name: "W11 submit to start, p50",
    unit: "ms",
    pawl: () => startMs(bench, MANY),
    against: { name: "the same with 1,000", round: () => startMs(bench, FEW) },
    target: { atMostRatio: 1.3 },
    rounds: bench.rounds(3),
  },
  {
    name: "W11 submit and drain",
    unit: "per second",
    pawl: () => drainRate(bench, MANY),
    against: { name: "the same with 1,000", round: () => drainRate(bench, FEW) },
    target: { ratio: 1 / 1.3 },
    rounds: bench.rounds(3),
  },
  list(bench, "list, first page", { limit: 50 }),
  list(bench, "list by state", { state: ["queued"], limit: 50 }),
  list(bench, "list by queue", { queue: ["held"], limit: 50 }),
  list(bench, "list by a queue without jobs", { queue: ["nobody"], limit: 50 }),
  list(bench, "list by label", { label: "customer:7", limit: 1 }),
  list(bench, "prefix search, a whole key", { q: "order-0000042", limit: 50 }),
  // All of them, and none of the newest jobs: those that the drain before has left.
  list(bench, "prefix search, a short prefix", { q: "order-", limit: 50, calls: FEW_TIMES }),
  growth(bench, { name: "counts and figures", ask: (manager) => manager.stats() }),
];
