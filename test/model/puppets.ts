// Job types whose handlers do nothing by themselves: each waits for orders from the test, carries one out, and waits again.
import * as z from "zod";
import {
  defineJob,
  type JobContext,
  type Json,
  type ManagerOptions,
  PermanentError,
  TryAgainLater,
} from "../../src/index.ts";
import { GRACE_MS, KINDS, type Kind, RETRY_MS } from "./kinds.ts";

export type Order =
  | { readonly kind: "checkpoint"; readonly cursor: number }
  | { readonly kind: "step"; readonly name: string }
  | { readonly kind: "journal"; readonly entry: number }
  | { readonly kind: "sleep"; readonly name: string; readonly ms: number }
  | { readonly kind: "later"; readonly ms: number }
  /** Goes on until the attempt is asked to stop. */
  | { readonly kind: "yield" }
  | { readonly kind: "succeed" }
  | { readonly kind: "fail" }
  | { readonly kind: "give_up" };

/** A handler that waits for orders. */
export interface Puppet {
  readonly jobId: string;
  readonly context: JobContext;
  /** The entry that it is to undo; `null` in all other handlers. */
  readonly entry: Json;
  /** `stubborn`: what stops it is swallowed, and it waits for orders again. */
  give(order: Order, options?: { readonly stubborn?: boolean }): void;
}

export interface Stage {
  readonly jobs: ManagerOptions["jobs"];
  /** Handlers that run, in the order in which they were entered. */
  puppets(): readonly Puppet[];
}

interface Command {
  readonly order: Order;
  readonly stubborn: boolean;
}

/** How often the work of a step was done, by the job's id and the step's name. Outlives processes. */
export type StepCounts = Map<string, number>;

export const stepCountOf = (id: string, step: string): string => `${id} ${step}`;

export function createStage(work: StepCounts): Stage {
  const puppets = new Set<Puppet>();

  const enter = async (context: JobContext, entry: Json): Promise<void> => {
    let wake = (_command: Command) => {};
    const puppet: Puppet = {
      jobId: context.id,
      context,
      entry,
      give: (order, { stubborn = false } = {}) => wake({ order, stubborn }),
    };
    puppets.add(puppet);
    try {
      for (let isDone = false; !isDone; ) {
        const { order, stubborn } = await new Promise<Command>((resolve) => {
          wake = resolve;
        });
        isDone = await carryOut(context, order, { stubborn, work });
      }
    } finally {
      puppets.delete(puppet);
    }
  };

  const base = {
    input: z.object({}),
    retry: { backoff: { kind: "fixed", baseMs: RETRY_MS, maxMs: RETRY_MS } },
    cancelGraceMs: GRACE_MS,
    run: (job: JobContext) => enter(job, null),
  } as const;
  const rollback = (job: JobContext) => enter(job, null);
  return {
    jobs: [
      defineJob({ ...base, type: "keeps" satisfies Kind }),
      defineJob({ ...base, type: "plain" satisfies Kind, rollback }),
      defineJob({ ...base, type: "careful" satisfies Kind, rollback, onFailure: "rollback" }),
      defineJob({ ...base, type: "journalled" satisfies Kind, undo: enter }),
      defineJob({ ...base, type: "tick" satisfies Kind, concurrency: { total: KINDS.tick.limit } }),
    ],
    puppets: () => [...puppets],
  };
}

interface Carrying {
  readonly stubborn: boolean;
  readonly work: StepCounts;
}

/** Answers whether the handler has returned. */
async function carryOut(job: JobContext, order: Order, { stubborn, work }: Carrying): Promise<boolean> {
  try {
    return await obey(job, order, work);
  } catch (error) {
    if (stubborn) return false;
    throw error;
  }
}

async function obey(job: JobContext, order: Order, work: StepCounts): Promise<boolean> {
  switch (order.kind) {
    case "checkpoint":
      await job.checkpoint(order.cursor);
      return false;
    case "step":
      await job.step(order.name, () => {
        const name = stepCountOf(job.id, order.name);
        work.set(name, (work.get(name) ?? 0) + 1);
      });
      return false;
    case "journal":
      await job.journal(order.entry);
      return false;
    case "sleep":
      await job.sleep(order.name, order.ms);
      return false;
    case "later":
      throw new TryAgainLater(order.ms);
    case "yield":
      await job.wait(Number.MAX_SAFE_INTEGER);
      return false;
    case "succeed":
      return true;
    case "fail":
      throw new Error("It broke.");
    case "give_up":
      throw new PermanentError("It cannot be done.");
  }
}
