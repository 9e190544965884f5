// Small tools of the engine's tests: gates that handlers wait at, and a manager that is stopped when the test ends.
import type { TestContext } from "node:test";
import type { Job } from "../../src/domain/job.ts";
import { isFinal } from "../../src/domain/lifecycle.ts";
import type { FakeClock } from "../../src/testing/fake-clock.ts";
import type { TestManager, TestManagerOptions } from "../../src/testing/test-manager.ts";
import { startManager } from "../support/test-manager.ts";
import { waitFor } from "../support/wait-for.ts";

export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

/** A promise that the test resolves by hand. */
export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

/** Starts a manager that stops with the test. */
export async function managerFor(
  t: TestContext,
  options: TestManagerOptions,
  start: (options: TestManagerOptions) => Promise<TestManager> = startManager,
): Promise<TestManager> {
  const pawl = await start(options);
  t.after(() => pawl.stop());
  return pawl;
}

/**
 * Lets time pass bit by bit, and what is under way come to its end in between: a worker that gets no turn to renew its
 * lease loses it, and an answer that says "in 5 s" is meant from when it was given.
 */
export async function elapse(clock: FakeClock, { store }: TestManager, ms: number): Promise<void> {
  const comeToRest = async () => {
    for (let turn = 0; turn < 3; turn += 1) await store.ping();
  };
  await comeToRest();
  for (let left = ms; left > 0; left -= store.leaseMs / 6) {
    clock.advance(Math.min(left, store.leaseMs / 6));
    await comeToRest();
  }
}

/** Lets time pass, and what is under way come to its end in between, until the job is final. */
export function elapseUntilFinal(clock: FakeClock, pawl: TestManager, id: string): Promise<Job> {
  const pass = async () => {
    const job = await pawl.manager.get(id);
    if (job !== null && isFinal(job.state)) return job;
    await elapse(clock, pawl, 100);
    return null;
  };
  return waitFor(pass, { what: `job ${id} to end`, everyMs: 1 });
}

/** Numbers from 0, `count` of them. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
