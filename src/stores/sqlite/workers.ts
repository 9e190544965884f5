// Who works, and until when (on the writer's thread). Leases are judged by the owner's monotonic clock.
import type { DatabaseSync } from "node:sqlite";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/workers.ts";
import { textOf } from "./rows.ts";

/** Workers and their leases. */
export function createLeaseWrites(db: DatabaseSync) {
  const register = db.prepare(sql.register);
  const renew = db.prepare(sql.renew);
  const retire = db.prepare(sql.retire);
  const requests = db.prepare(sql.renewRequests);
  return {
    register({ now, monotonic }: Moment, id: string, host: string, pid: number, leaseMs: number): string {
      register.run(id, host, pid, monotonic + leaseMs, now);
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
