// Small tools of the engine's tests: gates that handlers wait at, and a manager that is stopped when the test ends.
import type { TestContext } from "node:test";
import { startTestManager, type TestManager, type TestManagerOptions } from "../../src/testing/test-manager.ts";

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
export async function managerFor(t: TestContext, options: TestManagerOptions): Promise<TestManager> {
  const pawl = await startTestManager(options);
  t.after(() => pawl.stop());
  return pawl;
}

/** Numbers from 0, `count` of them. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
