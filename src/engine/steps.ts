// Steps: work that is done once a run. A step whose result is remembered is not run again, whatever happens to the attempt;
// one that was cut off before its result was durable is.
import type { Attempt } from "./attempt.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { JobContext } from "./job-context.ts";
import type { StepMemory } from "./step-memory.ts";

export interface StepsOptions {
  readonly attempt: Attempt;
  readonly checkpoints: Checkpoints;
  readonly memory: () => StepMemory;
}

const NAME_LIMIT = 200;

/** The name under which a step or a sleep is remembered: the two cannot take each other's place. */
export function rememberedName(kind: "step" | "sleep", name: string): string {
  if (typeof name === "string" && name !== "" && name.length <= NAME_LIMIT) return `${kind}:${name}`;
  throw new TypeError(`job.${kind} needs a name of 1 to ${NAME_LIMIT} characters.`);
}

/** Creates `job.step` for one attempt. */
export function createStep({ attempt, checkpoints, memory }: StepsOptions): JobContext["step"] {
  /** By name: a step that is asked for while it runs is not run twice. */
  const underWay = new Map<string, Promise<unknown>>();

  const run = async (name: string, work: (signal: AbortSignal) => unknown) => {
    attempt.throwIfInterrupted();
    const known = await memory().find(name);
    if (known) return known.result;
    await checkpoints.pass();
    return memory().save(name, await work(attempt.signal));
  };

  return async <T>(name: string, work: (signal: AbortSignal) => T | Promise<T>): Promise<T> => {
    const key = rememberedName("step", name);
    const result = underWay.get(key) ?? run(key, work).finally(() => underWay.delete(key));
    underWay.set(key, result);
    // What is remembered is what `work` answered, in this attempt or an earlier one.
    return (await result) as T;
  };
}
