import { PawlError } from "../../domain/errors.ts";
import type { JobRecord } from "../../domain/job.ts";
import type { Store } from "../../ports/store.ts";

/** An empty store, and what a test may do to the world around it. */
export interface ContractStore {
  readonly store: Store;
  /** Lets this much time pass for the store. */
  advance(ms: number): void | Promise<void>;
  /** Closes the store and removes what it left. */
  dispose(): Promise<void>;
}

export type Test = (context: ContractStore) => Promise<void>;
/** Registers a test that gets a store of its own. */
export type Register = (sentence: string, run: Test) => void;

export const PLENTY = { after: 0, limit: 1_000 };
export const PROGRESS = { done: 1, total: 2, unit: "rows", message: null, ratePerSecond: null };
export const NEWEST = { order: "newest", limit: 200, after: null } as const;

export async function recordOf(store: Store, id: string): Promise<JobRecord> {
  const [job] = await store.jobs.get([id]);
  if (!job) throw new Error(`Job ${id} is gone.`);
  return job;
}

export const one = <T>(values: readonly T[]): T => {
  const [value] = values;
  if (values.length !== 1 || value === undefined) throw new Error(`Expected one value, got ${values.length}.`);
  return value;
};

/** Does it for each, some at once: what waits for too long for its turn a store may refuse. */
export async function forEachOf<T, R>(values: readonly T[], work: (value: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let at = 0; at < values.length; at += AT_ONCE)
    results.push(...(await Promise.all(values.slice(at, at + AT_ONCE).map(work))));
  return results;
}

const AT_ONCE = 50;

export const kindsOf = async (store: Store, id: string): Promise<string[]> =>
  (await store.history.history(id, PLENTY)).map((entry) => entry.kind);

export const withCode = (code: string) => (error: unknown) => error instanceof PawlError && error.code === code;
