import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** What is waited for, for the message when it does not come. */
  readonly what: string;
  /** Far longer than it ever takes: a test that waits this long has failed. */
  readonly withinMs?: number;
  readonly everyMs?: number;
}

/** Asks again and again until there is an answer other than `null`, `undefined` or `false`. */
export async function waitFor<T>(ask: () => Promise<T | null | undefined | false>, options: WaitOptions): Promise<T> {
  const deadline = Date.now() + (options.withinMs ?? 60_000);
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    await sleep(options.everyMs ?? 20);
  }
  throw new Error(`Waited in vain for ${options.what}.`);
}
