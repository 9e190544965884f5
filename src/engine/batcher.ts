// Gathers single writes into batches: what arrives while a commit is under way goes together in the next one.
// Nobody waits for a timer: a write that meets an idle lane leaves at the end of the present turn of the event loop.

import { isPassing } from "./persist.ts";

interface Waiting<In, Out> {
  readonly item: In;
  readonly resolve: (out: Out) => void;
  readonly reject: (error: unknown) => void;
}

export interface BatcherOptions<In, Out> {
  /** Writes a batch; answers one result per item, in order. After a rejection every item is tried by itself. */
  readonly flush: (items: readonly In[]) => Promise<readonly Out[]>;
  /** Items a batch at most. */
  readonly limit: number;
  /** Batches that may be on their way at once. Default 2: while the store commits one, the next one is gathered and sent. */
  readonly lanes?: number;
}

const LANES = 2;

/** Creates a function that writes one item as part of a batch. Items leave in the order in which they came. */
export function createBatcher<In, Out>(options: BatcherOptions<In, Out>): (item: In) => Promise<Out> {
  const { flush, limit, lanes = LANES } = options;
  let waiting: Waiting<In, Out>[] = [];
  let busy = 0;
  let scheduled = false;

  const schedule = () => {
    if (scheduled || busy >= lanes || waiting.length === 0) return;
    scheduled = true;
    process.nextTick(send);
  };

  const send = () => {
    scheduled = false;
    const batch = waiting.slice(0, limit);
    waiting = waiting.slice(limit);
    busy += 1;
    void deliver(batch);
    schedule();
  };

  const deliver = async (batch: readonly Waiting<In, Out>[]) => {
    try {
      await settle(batch);
    } catch (error) {
      // Something may be wrong with one member, and nobody knows with which: each learns it of its own.
      if (batch.length > 1 && !isPassing(error)) await Promise.all(batch.map(settleAlone));
      else for (const entry of batch) entry.reject(error);
    } finally {
      busy -= 1;
      schedule();
    }
  };

  const settle = async (batch: readonly Waiting<In, Out>[]) => {
    const results = await flush(batch.map((entry) => entry.item));
    for (const [index, entry] of batch.entries()) entry.resolve(results[index] as Out);
  };

  const settleAlone = (entry: Waiting<In, Out>) => settle([entry]).catch(entry.reject);

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      schedule();
    });
}
