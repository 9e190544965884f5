// Batches in which no job comes twice.
import type { LeaseRef } from "../../ports/store.ts";

/** Cuts members into runs in which no job comes twice: of two checkpoints of a job the later has to win. */
export function runsApart<Member extends LeaseRef>(members: readonly Member[]): readonly (readonly Member[])[] {
  const runs: Member[][] = [];
  let seen = new Set<string>();
  for (const member of members) {
    if (runs.length === 0 || seen.has(member.id)) {
      runs.push([]);
      seen = new Set();
    }
    seen.add(member.id);
    runs.at(-1)?.push(member);
  }
  return runs;
}
