// Queues, as operators see and set them.
import type { Queue, QueueEdit } from "../domain/queue.ts";
import { ROUTES } from "./routes.ts";
import type { ReadOptions, Send } from "./send.ts";

export interface ClientQueues {
  /** By name: those that were ever set, and those that hold unfinished jobs. */
  list(options?: ReadOptions): Promise<readonly Queue[]>;
  /** No job of the queue is started until `resume`; what runs goes on. */
  pause(name: string, options?: { readonly reason?: string }): Promise<Queue>;
  resume(name: string): Promise<Queue>;
  /** Sets or, with `null`, takes away limits. */
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
