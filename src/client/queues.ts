// Queues, as operators see and set them.
import type { Queue, QueueEdit } from "../domain/queue.ts";
import { ROUTES } from "./routes.ts";
import type { ReadOptions, Send } from "./send.ts";

/** Setting them needs the scope `admin`. */
export interface ClientQueues {
  /** By name: those that were ever set, and those that hold unfinished jobs. */
  list(options?: ReadOptions): Promise<readonly Queue[]>;
  /** No job of the queue is started until `resume`; what runs goes on. A queue is made by this where there is none. */
  pause(name: string, options?: { readonly reason?: string }): Promise<Queue>;
  /** Lets its jobs start again. One that is not paused stays as it is. */
  resume(name: string): Promise<Queue>;
  /**
   * Sets or, with `null`, takes away limits. Rejects with `invalid_request` for limits that cannot be.
   *
   * @example
   * await client.queues.edit("mail", { concurrency: 4, rateLimit: { max: 100, perMs: 60_000 } });
   */
  edit(name: string, change: QueueEdit): Promise<Queue>;
}

export function createQueues(send: Send): ClientQueues {
  return {
    list: async ({ signal } = {}) => (await send(ROUTES.listQueues, { signal })).body.items,
    async pause(name, { reason } = {}) {
      return (await send(ROUTES.pauseQueue, { params: { name }, body: { reason } })).body;
    },
    resume: async (name) => (await send(ROUTES.resumeQueue, { params: { name } })).body,
    edit: async (name, change) => (await send(ROUTES.editQueue, { params: { name }, body: change })).body,
  };
}
