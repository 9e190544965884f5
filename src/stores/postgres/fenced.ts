// The roles through which attempts write. What a process knows to be lost is not even sent, and a settlement goes last.
// Invariant: the rows decide; this only ever refuses more.
import type { JobStore, JournalStore, LeaseRef, LogStore, SettleResult, StepStore } from "../../ports/store.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import { createWriteOrder } from "./write-order.ts";

export interface AttemptRoles {
  readonly jobs: JobStore;
  readonly steps: StepStore;
  readonly journal: JournalStore;
  readonly logs: LogStore;
}

export function fenceRoles({ jobs, steps, journal, logs }: AttemptRoles, keeper: LeaseKeeper): AttemptRoles {
  const { send, sendLast } = createWriteOrder();
  const isHeld = ({ workerId }: LeaseRef): boolean => !keeper.isLost(workerId);

  /** Writes the members whose lease is not known to be lost; the others are answered `refused`. */
  async function writeHeld<Member extends LeaseRef, R>(
    members: readonly Member[],
    refused: R,
    write: (members: readonly Member[]) => Promise<readonly R[]>,
  ): Promise<readonly R[]> {
    const held = members.filter(isHeld);
    if (held.length === members.length) return write(members);
    const written = held.length === 0 ? [] : await write(held);
    const answers = new Map(held.map((member, index) => [member, written[index]]));
    return members.map((member) => answers.get(member) ?? refused);
  }

  const ifHeld = async (lease: LeaseRef, write: () => Promise<boolean>) =>
    isHeld(lease) && (await send([lease], write));
  const settleLast: JobStore["settle"] = (settlements) => sendLast(settlements, () => jobs.settle(settlements));

  return {
    jobs: {
      ...jobs,
      async claim(request) {
        if (keeper.isLost(request.workerId)) return { kind: "worker_dead", jobs: [], nextInMs: null };
        if (!keeper.mayClaim()) return { kind: "claimed", jobs: [], nextInMs: null };
        return jobs.claim(request);
      },
      checkpoint: (writes) => writeHeld(writes, false, (held) => send(held, () => jobs.checkpoint(held))),
      reportProgress: (writes) => writeHeld(writes, false, (held) => send(held, () => jobs.reportProgress(held))),
      settle: (settlements) => writeHeld<(typeof settlements)[number], SettleResult>(settlements, null, settleLast),
      mark: (lease, mark) => ifHeld(lease, () => jobs.mark(lease, mark)),
    },
    steps: { ...steps, saveStep: (lease, step) => ifHeld(lease, () => steps.saveStep(lease, step)) },
    journal: {
      ...journal,
      append: (lease, entries) => ifHeld(lease, () => journal.append(lease, entries)),
      remove: (lease, seqs) => ifHeld(lease, () => journal.remove(lease, seqs)),
    },
    logs: {
      ...logs,
      async appendLogs(lines, options) {
        const held = lines.filter(isHeld);
        return held.length === 0 ? 0 : send(held, () => logs.appendLogs(held, options));
      },
    },
  };
}
