// Who works, and until when (on the writer's thread). Leases are judged by the owner's monotonic clock.
import type { DatabaseSync } from "node:sqlite";
import type { NewWorker } from "../../ports/store.ts";
import { textOf } from "../sql/rows.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/workers.ts";
import { records } from "./reads.ts";

/** Workers and their leases. */
export function createLeaseWrites(db: DatabaseSync) {
  const register = db.prepare(sql.register);
  const renew = db.prepare(sql.renew);
  const retire = db.prepare(sql.retire);
  const requests = db.prepare(sql.renewRequests);
  return {
    /** `workerText`: a `NewWorker` as JSON. */
    register({ now, monotonic }: Moment, workerText: string, leaseMs: number): string {
      const { id, host, pid, concurrency, queues }: NewWorker = JSON.parse(workerText);
      register.run(id, host, pid, concurrency, monotonic + leaseMs, now, queues && JSON.stringify(queues));
      return "";
    },
    /** Answers `[alive, [[jobId, token, control], ...]]`. */
    renew({ now, monotonic }: Moment, id: string, leaseMs: number): string {
      const alive = renew.run(monotonic + leaseMs, now, id, monotonic).changes === 1;
      return alive ? `[true,${textOf(requests.get(id), "requests")}]` : "[false,[]]";
    },
    retire({ now }: Moment, id: string): string {
      retire.run(now, id);
      return "";
    },
  };
}

/** Who is alive (on either thread). */
export function createWorkerReads(db: DatabaseSync) {
  const workers = db.prepare(sql.workers);
  const held = db.prepare(sql.held);
  return {
    held: (_: Moment, workerId: string): string => textOf(held.get(workerId), "leases"),
    workers: ({ monotonic }: Moment): string => records(workers.all(monotonic)),
  };
}
