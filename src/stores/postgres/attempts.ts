// What an attempt writes while it runs. Invariant: every write names worker and token, and changes nothing when either is
// not the present one.
import type { CheckpointWrite, JobStore, LeaseRef, ProgressWrite } from "../../ports/store.ts";
import { jobChangeOf } from "../sql/rows.ts";
import { runsApart } from "../sql/runs-apart.ts";
import * as sql from "./queries/attempts.ts";
import type { StoreServices } from "./store-services.ts";

export function createAttempts({
  database,
  notifier,
}: StoreServices): Pick<JobStore, "checkpoint" | "reportProgress" | "mark"> {
  /** Writes members, each job once a statement, and answers which counted, told by the changes that come back. */
  async function writeHeld<Member extends LeaseRef>(
    statement: string,
    members: readonly Member[],
    encode: (member: Member) => readonly unknown[],
  ): Promise<readonly boolean[]> {
    const held = new Set<string>();
    for (const run of runsApart(members)) {
      const rows = await database.run(statement, JSON.stringify(run.map(encode)));
      const changes = rows.map((row) => jobChangeOf(row.change));
      if (changes.length > 0 && notifier.listening) notifier.publish({ kind: "changed", jobs: changes });
      for (const { id } of changes) held.add(id);
    }
    return members.map((member) => held.has(member.id));
  }

  return {
    checkpoint: (writes: readonly CheckpointWrite[]) =>
      writeHeld(sql.checkpoint, writes, (write) => [
        ...leaseOf(write),
        write.seq,
        JSON.stringify(write.cursor),
        JSON.stringify(write.progress),
      ]),
    reportProgress: (writes: readonly ProgressWrite[]) =>
      writeHeld(sql.reportProgress, writes, (write) => [...leaseOf(write), JSON.stringify(write.progress)]),
    async mark(lease, mark) {
      const [row] = await database.run(sql.mark[mark], ...leaseOf(lease));
      if (row?.change) notifier.publish({ kind: "changed", jobs: [jobChangeOf(row.change)] });
      return row !== undefined;
    },
  };
}

const leaseOf = ({ id, workerId, token }: LeaseRef) => [id, workerId, token] as const;
