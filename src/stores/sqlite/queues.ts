// The settings of queues (on the writer's thread): changes them, and has them at hand for claims.
// Invariant: what is at hand is what the table says, changes of the present transaction included.
import type { DatabaseSync } from "node:sqlite";
import type { QueueRecord } from "../../domain/queue.ts";
import type { QueueChange } from "../../ports/store.ts";
import { queueRecordOf } from "../sql/operator-rows.ts";
import { type Row, textOf } from "../sql/rows.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/queues.ts";
import type { Starts } from "./starts.ts";

export interface QueueSettings {
  /** `undefined`: nobody set anything, so it runs without limits. */
  of(queue: string): QueueRecord | undefined;
  /** What is at hand may be wrong: the transaction was rolled back. */
  forget(): void;
}

function entryOf(row: Row): [name: string, queue: QueueRecord] {
  const queue = queueRecordOf(JSON.parse(textOf(row, "record")));
  return [queue.name, queue];
}

export function createQueueSettings(db: DatabaseSync): QueueSettings {
  const queues = db.prepare(sql.queues);
  let known: Map<string, QueueRecord> | null = null;
  return {
    of(queue) {
      known ??= new Map(queues.all().map(entryOf));
      return known.get(queue);
    },
    forget() {
      known = null;
    },
  };
}

const unset = (name: string): QueueRecord => ({ name, paused: null, concurrency: null, rateLimit: null });

/** The queue as it is after `change`. What the change leaves out stays, and so does the first pause of a paused queue. */
function changed(before: QueueRecord, { paused, concurrency, rateLimit }: QueueChange, now: number): QueueRecord {
  const pause = paused === undefined ? before.paused : paused && (before.paused ?? { at: now, ...paused });
  return {
    name: before.name,
    paused: pause,
    concurrency: concurrency === undefined ? before.concurrency : concurrency,
    rateLimit: rateLimit === undefined ? before.rateLimit : rateLimit,
  };
}

export function createQueueWrites(db: DatabaseSync, settings: QueueSettings, starts: Starts) {
  const store = db.prepare(sql.setQueue);
  return {
    /** Answers the queue's record. */
    setQueue({ now }: Moment, changeText: string): string {
      const change: QueueChange = JSON.parse(changeText);
      const before = settings.of(change.name) ?? unset(change.name);
      const { name, paused, concurrency, rateLimit } = changed(before, change, now);
      const pause = [paused?.at ?? null, paused?.actor ?? null, paused?.reason ?? null];
      const row = store.get(name, ...pause, concurrency, rateLimit?.max ?? null, rateLimit?.perMs ?? null);
      settings.forget();
      if (rateLimit === null) starts.clear(name);
      return textOf(row, "record");
    },
  };
}
