// The roles through which attempts write. What a process knows to be lost is not even sent, and a settlement goes last.
// Invariant: the rows decide; this only ever refuses more, and nobody waits for the answer of a database that is away for
// longer than a lease holds.
import type { Logger } from "../../ports/logger.ts";
import type { JobStore, JournalStore, LeaseRef, LogStore, SettleResult, StepStore } from "../../ports/store.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import { createWriteOrder } from "./write-order.ts";

export interface AttemptRoles {
  readonly jobs: JobStore;
  readonly steps: StepStore;
  readonly journal: JournalStore;
  readonly logs: LogStore;
}

/** `logger` is told of each write that came too late. */
export function fenceRoles(
  { jobs, steps, journal, logs }: AttemptRoles,
  keeper: LeaseKeeper,
  logger: Logger | undefined,
): AttemptRoles {
  const { send, sendLast } = createWriteOrder();
  const isHeld = ({ workerId }: LeaseRef): boolean => !keeper.isLost(workerId);

  /** What `write` answers, `null` as soon as none of these leases is held any more. */
  async function whileHeld<R>(members: readonly LeaseRef[], write: () => Promise<R>): Promise<R | null> {
    if (members.length === 0) return null;
    const writing = write();
    const workers = [...new Set(members.map(({ workerId }) => workerId))];
    const answers = await Promise.all(workers.map((workerId) => keeper.whileHeld(workerId, writing)));
    return answers.find((answer) => answer !== null) ?? null;
  }

  /** Writes the members whose lease is held, until it is answered; the others are answered `refused`. */
  async function writeHeld<Member extends LeaseRef, R>(
    members: readonly Member[],
    refused: R,
    write: (members: readonly Member[]) => Promise<readonly R[]>,
  ): Promise<readonly R[]> {
    const held = members.filter(isHeld);
    const written = await whileHeld(held, async () => {
      const answers = await write(held);
      // Also when nobody waits for it any more.
      for (const [index, member] of held.entries()) if (answers[index] === refused) report(member, "database");
      return answers;
    });
    const answers = new Map(held.map((member, index) => [member, written?.[index]]));
    return members.map((member) => {
      if (answers.get(member) === undefined || !isHeld(member)) report(member, "process");
      return isHeld(member) ? (answers.get(member) ?? refused) : refused;
    });
  }

  const report = ({ id, workerId, token }: LeaseRef, by: "process" | "database") =>
    logger?.info({ job: id, worker: workerId, token, by }, "A write of an attempt was refused: its lease is lost.");

  const ifHeld = async (lease: LeaseRef, write: () => Promise<boolean>) =>
    isHeld(lease) && (await whileHeld([lease], () => send([lease], write))) === true && isHeld(lease);
  const settleLast: JobStore["settle"] = (settlements) => sendLast(settlements, () => jobs.settle(settlements));

  return {
    jobs: {
      ...jobs,
      async claim(request) {
        if (keeper.isLost(request.workerId)) return { kind: "worker_dead", jobs: [], nextInMs: null };
        if (!keeper.mayClaim()) return { kind: "claimed", jobs: [], nextInMs: null };
        const claimed = await keeper.whileHeld(request.workerId, jobs.claim(request));
        return claimed ?? { kind: "worker_dead", jobs: [], nextInMs: null };
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
        return (await whileHeld(held, () => send(held, () => logs.appendLogs(held, options)))) ?? 0;
      },
    },
  };
}
