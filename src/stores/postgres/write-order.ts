// Keeps a settlement behind what was sent before it for the same jobs: over several connections it could overtake a last
// checkpoint or log line, which would then find the lease gone.
import type { LeaseRef } from "../../ports/store.ts";

export interface WriteOrder {
  /** Sends at once, and remembers that it is under way. */
  send<R>(members: readonly LeaseRef[], write: () => Promise<R>): Promise<R>;
  /** Sends when what was sent for these jobs before has been answered. */
  sendLast<R>(members: readonly LeaseRef[], write: () => Promise<R>): Promise<R>;
}

interface UnderWay {
  readonly jobs: ReadonlySet<string>;
  readonly answered: Promise<unknown>;
}

export function createWriteOrder(): WriteOrder {
  const underWay = new Set<UnderWay>();

  async function send<R>(members: readonly LeaseRef[], write: () => Promise<R>): Promise<R> {
    const answered = write();
    const entry = { jobs: new Set(members.map(({ id }) => id)), answered };
    underWay.add(entry);
    try {
      return await answered;
    } finally {
      underWay.delete(entry);
    }
  }

  return {
    send,
    async sendLast(members, write) {
      const before = [...underWay].filter(({ jobs }) => members.some(({ id }) => jobs.has(id)));
      if (before.length > 0) await Promise.allSettled(before.map(({ answered }) => answered));
      return write();
    },
  };
}
