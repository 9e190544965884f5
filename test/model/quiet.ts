// Tells when an engine has come to rest: nothing is on its way to its stores or back, and the event loop has turned without
// anybody asking for more. With a clock that stands still, nothing can change then.
import type { FileStore, Store } from "../../src/index.ts";

export interface ObservedStores {
  /** The same stores; calls of them are counted. */
  readonly store: Store;
  readonly fileStore: FileStore;
  /** Calls so far. */
  readonly calls: number;
  /** Resolves when no call is under way. */
  answered(): Promise<void>;
}

export function observe(store: Store, fileStore: FileStore): ObservedStores {
  let calls = 0;
  let underWay = 0;
  let onAnswered = () => {};
  const begin = () => {
    calls += 1;
    underWay += 1;
  };
  const end = () => {
    underWay -= 1;
    if (underWay === 0) onAnswered();
  };
  return {
    store: observed(store, begin, end),
    fileStore: {
      ...fileStore,
      // What a start looks through while it already works.
      async *list() {
        begin();
        try {
          yield* fileStore.list();
        } finally {
          end();
        }
      },
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

function observed(store: Store, begin: () => void, end: () => void): Store {
  const count = async (answer: unknown): Promise<unknown> => {
    begin();
    try {
      return await answer;
    } finally {
      end();
    }
  };
  const role = <Role extends object>(role: Role): Role =>
    new Proxy(role, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: readonly unknown[]) => count(Reflect.apply(value, target, args));
      },
    });
  return {
    ...store,
    jobs: role(store.jobs),
    leases: role(store.leases),
    history: role(store.history),
    logs: role(store.logs),
    files: role(store.files),
    steps: role(store.steps),
    journal: role(store.journal),
    queues: role(store.queues),
    schedules: role(store.schedules),
    stats: role(store.stats),
    retention: role(store.retention),
  };
}

/** Turns of the event loop without a call after which nothing more comes. */
const CALM_TURNS = 3;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Resolves when the engine over these stores is at rest. */
export async function atRest(observed: ObservedStores): Promise<void> {
  let seen = observed.calls;
  for (let calm = 0; calm < CALM_TURNS; calm++) {
    await observed.answered();
    await turn();
    if (observed.calls !== seen) calm = -1;
    seen = observed.calls;
  }
}
