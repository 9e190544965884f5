// Who works, and who is dead. Leases are judged by the database's clock, and by the process that holds them by its own
// monotonic one: it gives a lease up before its time is over for others.
import type { Logger } from "../../ports/logger.ts";
import type { LeaseStore, Renewal } from "../../ports/store.ts";
import { publishMoved } from "../sql/notifier.ts";
import { workerRecordOf } from "../sql/operator-rows.ts";
import { heldRequestOf, leaseRefOf, movedJobOf, parseArray } from "../sql/rows.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import { reap as reapJobs } from "./queries/moves.ts";
import * as sql from "./queries/workers.ts";
import { keepStatistics } from "./statistics.ts";
import { foldCounts } from "./stats.ts";
import type { StoreServices } from "./store-services.ts";
import { createSweeper } from "./sweeper.ts";

export interface LeaseStoreOptions extends StoreServices {
  readonly schema: string;
  readonly leaseMs: number;
  readonly keeper: LeaseKeeper;
  readonly logger: Logger | undefined;
}

/** Jobs that one statement takes from dead workers. */
const REAPED_AT_ONCE = 1_000;
const LOST: Renewal = { alive: false, requests: [] };

export function createLeaseStore(options: LeaseStoreOptions): LeaseStore {
  const { database, notifier, heldBack, clock, schema, leaseMs, keeper } = options;
  const sweeper = createSweeper(options);
  return {
    get reapEveryMs() {
      return sweeper.everyMs();
    },
    async register({ id, host, pid, concurrency, queues }) {
      await keeper.prepare();
      const sentAt = clock.monotonic();
      await database.run(sql.register, id, host, pid, concurrency, leaseMs, queues);
      await keeper.registered(id, sentAt);
    },
    async renew(workerId) {
      if (keeper.isLost(workerId)) return LOST;
      const sentAt = clock.monotonic();
      // A database that does not answer must not keep a process from knowing that its lease is over.
      const rows = await keeper.whileHeld(workerId, database.run(sql.renew, workerId, leaseMs, null));
      const row = rows?.[0];
      if (!row) {
        keeper.lost(workerId);
        return LOST;
      }
      keeper.renewed(workerId, sentAt);
      return { alive: true, requests: parseArray(row.requests).map(heldRequestOf) };
    },
    async held(workerId) {
      const rows = await database.run(sql.held, workerId);
      return rows.map((row) => leaseRefOf(row.lease, workerId));
    },
    async retire(workerId) {
      keeper.retired(workerId);
      await database.run(sql.retire, workerId);
    },
    async reap({ crashLimit }) {
      if (!(await sweeper.sweep())) return 0;
      let reaped = 0;
      for (let more = true; more; ) {
        const rows = await database.run(reapJobs, crashLimit, REAPED_AT_ONCE);
        const moved = rows.map((row) => movedJobOf(row.moved));
        publishMoved(notifier, moved);
        heldBack.release(moved);
        reaped += rows.length;
        more = rows.length === REAPED_AT_ONCE;
      }
      await database.run(sql.removeDeadWorkers);
      await foldCounts(database, schema);
      await keepStatistics(database, schema);
      return reaped;
    },
    workers: async () => (await database.run(sql.workers)).map((row) => workerRecordOf(row.worker)),
  };
}
