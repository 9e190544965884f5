// Tells when an engine has come to rest: nothing is on its way to the store or back, and the event loop has turned without
// anybody asking for more. With a clock that stands still, nothing can change then.
import type { Store } from "../../src/index.ts";

export interface ObservedStore {
  /** The same store; its calls are counted. */
  readonly store: Store;
  /** Calls so far. */
  readonly calls: number;
  /** Resolves when no call is under way. */
  answered(): Promise<void>;
}

export function observe(store: Store): ObservedStore {
  let calls = 0;
  let underWay = 0;
  let onAnswered = () => {};
  const count = async (answer: unknown): Promise<unknown> => {
    calls += 1;
    underWay += 1;
    try {
      return await answer;
    } finally {
      underWay -= 1;
      if (underWay === 0) onAnswered();
    }
  };
  const observed = <Role extends object>(role: Role): Role =>
    new Proxy(role, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: readonly unknown[]) => count(Reflect.apply(value, target, args));
      },
    });
  return {
    store: {
      ...store,
      jobs: observed(store.jobs),
      leases: observed(store.leases),
      history: observed(store.history),
      logs: observed(store.logs),
      files: observed(store.files),
      steps: observed(store.steps),
      journal: observed(store.journal),
      queues: observed(store.queues),
      schedules: observed(store.schedules),
      stats: observed(store.stats),
      retention: observed(store.retention),
    },
    get calls() {
      return calls;
    },
    async answered() {
      if (underWay > 0) {
        await new Promise<void>((resolve) => {
          onAnswered = resolve;
        });
      }
    },
  };
}

/** Turns of the event loop without a call after which nothing more comes. */
const CALM_TURNS = 3;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Resolves when the engine over this store is at rest. */
export async function atRest(observed: ObservedStore): Promise<void> {
  let seen = observed.calls;
  for (let calm = 0; calm < CALM_TURNS; calm++) {
    await observed.answered();
    await turn();
    if (observed.calls !== seen) calm = -1;
    seen = observed.calls;
  }
}
