// The roles that operators look at and steer by, over the store's threads: queues and figures.
import type { QueueStore, StatsStore } from "../../ports/store.ts";
import type { LocalNotifier } from "../sql/notifier.ts";
import { jobCountOf, minuteFiguresOf, queueRecordOf, waitingJobOf } from "../sql/operator-rows.ts";
import { parseArray } from "../sql/rows.ts";
import type { Connection } from "./connection.ts";

export interface QueueStoreOptions {
  readonly writer: Connection;
  readonly reader: Connection;
  readonly notifier: LocalNotifier;
}

export function createQueueStore({ writer, reader, notifier }: QueueStoreOptions): QueueStore {
  return {
    queues: async () => parseArray(JSON.parse(await reader.call("queues"))).map(queueRecordOf),
    async setQueue(change) {
      const queue = queueRecordOf(JSON.parse(await writer.call("setQueue", JSON.stringify(change))));
      // Whatever was changed, more may run now, unless none may.
      if (queue.paused === null) notifier.publish({ kind: "work", inMs: 0 });
      return queue;
    },
  };
}

export function createStatsStore(reader: Connection): StatsStore {
  return {
    counts: async () => parseArray(JSON.parse(await reader.call("counts"))).map(jobCountOf),
    throughput: async ({ minutes }) =>
      parseArray(JSON.parse(await reader.call("throughput", minutes))).map(minuteFiguresOf),
    async oldestWaiting() {
      const [oldest] = parseArray(JSON.parse(await reader.call("oldestWaiting")));
      return oldest === undefined ? null : waitingJobOf(oldest);
    },
  };
}
