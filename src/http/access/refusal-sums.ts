// Counts refusals instead of writing each of them down, so that a flood of requests is not a flood of writes: one entry a
// minute for each action and code. How many are counted apart is bounded.
import type { Caller } from "../../domain/access.ts";
import type { ErrorCode } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AuditWrite } from "../../ports/store.ts";

/** What is counted together. `caller` is `null` as long as nobody is known. */
export interface Refusal {
  readonly action: string;
  readonly code: ErrorCode;
  readonly caller: Caller | null;
}

export interface RefusalSums {
  count(refusal: Refusal): void;
  /** Writes what was counted since the last time. */
  flush(): Promise<void>;
}

export interface RefusalSumsOptions {
  readonly clock: Clock;
  /** Never rejects. */
  readonly write: (entries: readonly AuditWrite[]) => Promise<void>;
}

const FLUSH_EVERY_MS = 60_000;
/** Beyond so many, what is refused is told by its code only. */
const SUMS_MAX = 500;

/** The action of what no operation serves, or of too many different ones. */
export const ANY_ACTION = "other";

export function createRefusalSums({ clock, write }: RefusalSumsOptions): RefusalSums {
  let sums = new Map<string, Refusal & { count: number }>();
  let cancel: (() => void) | null = null;
  let writing: Promise<void> = Promise.resolve();

  const keyOf = ({ action, code, caller }: Refusal) => `${code} ${action} ${caller?.tokenId ?? caller?.name ?? ""}`;

  /** Resolves when what an earlier flush writes is written, too. */
  function flush(): Promise<void> {
    cancel?.();
    cancel = null;
    const counted = [...sums.values()];
    sums = new Map();
    if (counted.length > 0) writing = Promise.all([writing, write(counted.map(toEntry))]).then(() => {});
    return writing;
  }

  return {
    count(refusal) {
      const known = sums.size < SUMS_MAX || sums.has(keyOf(refusal));
      const counted = known ? refusal : { action: ANY_ACTION, code: refusal.code, caller: null };
      const key = keyOf(counted);
      const sum = sums.get(key) ?? { ...counted, count: 0 };
      sum.count += 1;
      sums.set(key, sum);
      cancel ??= clock.after(FLUSH_EVERY_MS, () => void flush());
    },
    flush,
  };
}

const toEntry = ({ action, code, caller, count }: Refusal & { readonly count: number }): AuditWrite => ({
  actor: caller?.name ?? null,
  tokenId: caller?.tokenId ?? null,
  address: null,
  action,
  target: null,
  outcome: "refused",
  code,
  reason: null,
  count,
});
