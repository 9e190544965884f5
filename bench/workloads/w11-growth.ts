// W11: what is often asked, with 1,000 and with 1,000,000 jobs waiting in the store. The ratio is what growth costs.
import type { ListRequest, Manager } from "../../src/index.ts";
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

const growth = (name: string, ask: (manager: Manager) => Promise<unknown>, calls = TIMES): Comparison => ({
  name: `W11 ${name}`,
  unit: "ms",
  pawl: async () => medianMs(() => withWaiting(MANY).then(({ manager }) => ask(manager)), calls),
  against: {
    name: "the same with 1,000",
    round: async () => medianMs(() => withWaiting(FEW).then(({ manager }) => ask(manager)), calls),
  },
  target: { atMostRatio: 1.3 },
  rounds: 3,
});

const list = (name: string, request: ListRequest, calls?: number) =>
  growth(name, (manager) => manager.list(request), calls);

/** Submit to the handler's start, with the others waiting in a paused queue. */
async function startMs(grown: Grown): Promise<number> {
  return medianMs(async () => {
    const started = new Promise<number>((resolve) => {
      grown.onStart = resolve;
    });
    await grown.manager.submit({ type: "noop", input: { n: 0 } });
    await started;
  });
}

/** Jobs a second, from the first submit until all have started. */
async function drainRate(grown: Grown): Promise<number> {
  let left = DRAINED;
  const all = new Promise<void>((resolve) => {
    grown.onStart = () => {
      left -= 1;
      if (left === 0) resolve();
    };
  });
  const before = performance.now();
  await inFlight(DRAINED, 1_000, (n) => grown.manager.submit({ type: "noop", input: { n } }));
  await all;
  return (DRAINED * 1_000) / (performance.now() - before);
}

export const w11: readonly Comparison[] = [
  {
    name: "W11 submit to start, p50",
    unit: "ms",
    pawl: async () => startMs(await withWaiting(MANY)),
    against: { name: "the same with 1,000", round: async () => startMs(await withWaiting(FEW)) },
    target: { atMostRatio: 1.3 },
    rounds: 3,
  },
  {
    name: "W11 submit and drain",
    unit: "per second",
    pawl: async () => drainRate(await withWaiting(MANY)),
    against: { name: "the same with 1,000", round: async () => drainRate(await withWaiting(FEW)) },
    target: { ratio: 1 / 1.3 },
    rounds: 3,
  },
  list("list, first page", { limit: 50 }),
  list("list by state", { state: ["queued"], limit: 50 }),
  list("list by queue", { queue: ["held"], limit: 50 }),
  list("list by a queue without jobs", { queue: ["nobody"], limit: 50 }),
  list("list by label", { label: "customer:7", limit: 1 }),
  list("prefix search, a whole key", { q: "order-0000042", limit: 50 }),
  // All of them, and none of the newest jobs: those that the drain before has left.
  list("prefix search, a short prefix", { q: "order-", limit: 50 }, FEW_TIMES),
  growth("counts and figures", (manager) => manager.stats()),
];
