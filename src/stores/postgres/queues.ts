// Queues, as operators set them.
import type { QueueStore } from "../../ports/store.ts";
import { queueRecordOf } from "../sql/operator-rows.ts";
import * as sql from "./queries/queues.ts";
import type { StoreServices } from "./store-services.ts";

export function createQueueStore({ database, notifier }: StoreServices): QueueStore {
  return {
    queues: async () => (await database.run(sql.queues)).map((row) => queueRecordOf(row.queue)),
    async setQueue({ name, paused, concurrency, rateLimit }) {
      const pause = [paused !== undefined, paused != null, paused?.actor ?? null, paused?.reason ?? null];
      const limits = [concurrency !== undefined, concurrency ?? null];
      const rates = [rateLimit !== undefined, rateLimit?.max ?? null, rateLimit?.perMs ?? null];
      const [row] = await database.run(sql.setQueue, name, ...pause, ...limits, ...rates);
      if (rateLimit === null) await database.run(sql.forgetStarts, name);
      const queue = queueRecordOf(row?.queue);
      // Whatever was changed, more may run now, unless none may.
      if (queue.paused === null) notifier.publish({ kind: "work", inMs: 0 });
      return queue;
    },
  };
}
