// What one attempt knows of the steps of its run: read once, at the first step, and written through. A result is durable
// before anyone gets it.
import { PermanentError } from "../domain/interruption.ts";
import type { Json } from "../domain/job.ts";
import type { StepStore } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";
import { callStore, type FencedWriteOptions, fencedWrite } from "./fenced-write.ts";
import { storedValue } from "./stored-value.ts";

export interface StepMemory {
  /** What is remembered under `name`, `null` when nothing is. */
  find(name: string): Promise<{ readonly result: Json } | null>;
  /** Remembers a result durably, and answers it as it will be read. Throws `Interruption` when the lease is lost. */
  save(name: string, value: unknown): Promise<Json>;
}

/** Characters of a result as JSON. */
const RESULT_LIMIT = 262_144;
/** Characters of all results of a run: they are read at once whenever the job goes on. */
const TOTAL_LIMIT = 16_777_216;
/** What a step costs besides its result. */
const STEP_COST = 100;

export interface StepMemoryOptions extends FencedWriteOptions {
  readonly attempt: Attempt;
  readonly steps: StepStore;
}

export function createStepMemory({ attempt, steps, ...options }: StepMemoryOptions): StepMemory {
  const { record, lease } = attempt;
  let total = 0;
  let loading: Promise<Map<string, Json>> | null = null;

  const read = async () => {
    // A job that is run for the first time remembers nothing.
    const known = record.token === 1 ? [] : await callStore(attempt, () => steps.steps(record.id), options);
    for (const { result } of known) total += STEP_COST + JSON.stringify(result).length;
    return new Map(known.map(({ name, result }) => [name, result]));
  };
  const load = () => {
    loading ??= read().catch((error) => {
      loading = null;
      throw error;
    });
    return loading;
  };

  const count = (name: string, size: number) => {
    total += STEP_COST + size;
    if (total <= TOTAL_LIMIT) return;
    throw new PermanentError(
      `With ${name}, the steps of this run have more than ${TOTAL_LIMIT} characters of results. Use iterate for work of many parts.`,
      { code: "too_many_steps" },
    );
  };

  return {
    async find(name) {
      const result = (await load()).get(name);
      return result === undefined ? null : { result };
    },
    async save(name, value) {
      const known = await load();
      const { json: result, size } = storedValue(value, {
        what: `The result of ${name}`,
        prefix: "step",
        limit: RESULT_LIMIT,
      });
      count(name, size);
      await fencedWrite(attempt, () => steps.saveStep(lease, { name, result }), options);
      known.set(name, result);
      return result;
    },
  };
}
