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

type Work<T> = (signal: AbortSignal) => T | Promise<T>;

const NAME_LIMIT = 200;

/** The name under which a step or a sleep is remembered: the two cannot take each other's place. */
export function rememberedName(kind: "step" | "sleep", name: string): string {
  const fits = typeof name === "string" && name !== "" && name.length <= NAME_LIMIT;
  // Half a character, as a cut through an emoji leaves it, would come back from the store as another name.
  if (fits && name.isWellFormed()) return `${kind}:${name}`;
  throw new TypeError(`job.${kind} needs a name of 1 to ${NAME_LIMIT} characters, and whole ones.`);
}

/** Creates `job.step` for one attempt. */
export function createStep({ attempt, checkpoints, memory }: StepsOptions): JobContext["step"] {
  /** By name: a step that is asked for while it runs is not run twice. */
  const underWay = new Map<string, Promise<unknown>>();
  /** The step whose `work` is being called at this moment. */
  let entering: string | null = null;

  const enter = (name: string, work: Work<unknown>): unknown => {
    entering = name;
    try {
      return work(attempt.signal);
    } finally {
      entering = null;
    }
  };

  const run = async (name: string, work: Work<unknown>) => {
    attempt.throwIfInterrupted();
    const known = await memory().find(name);
    if (known) return known.result;
    await checkpoints.pass();
    return memory().save(name, await enter(name, work));
  };

  /** Waits for what another call runs. That may be the step which this call is part of: then only an interruption ends it. */
  const join = (result: Promise<unknown>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const forget = attempt.onInterrupt(() => reject(attempt.interruption));
      result.then(resolve, reject).finally(forget);
    });

  return async <T>(name: string, work: Work<T>): Promise<T> => {
    const key = rememberedName("step", name);
    if (key === entering) throw new TypeError(`The step "${name}" asks for itself: it would wait for its own end.`);
    const other = underWay.get(key);
    const result = other ? join(other) : run(key, work).finally(() => underWay.delete(key));
    if (!other) underWay.set(key, result);
    // What is remembered is what `work` answered, in this attempt or an earlier one.
    return (await result) as T;
  };
}
