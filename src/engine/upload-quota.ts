// Keeps all uploads together within a quota, while they arrive: each byte counts from when it was received here; what other
// processes receive and store, when the store is asked. The store itself takes none that is too much.
// Invariant: of what this process has stored, never less is counted. At most it is more for a moment, until the store is
// asked again.
import { quotaExceeded } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileIndex } from "../ports/store.ts";

export interface UploadQuotaOptions {
  readonly files: Pick<FileIndex, "uploadedBytes">;
  readonly clock: Clock;
  /** `null`: there is none. */
  readonly maxBytes: number | null;
}

/** What one upload takes of the quota. */
export interface Share {
  /** The same bytes; fails with `quota_exceeded` before the first that does not fit. */
  count(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** They are stored. */
  keep(): void;
  /** Ends what was not kept. */
  giveBack(): void;
}

export interface UploadQuota {
  take(): Share;
}

export function createUploadQuota({ files, clock, maxBytes }: UploadQuotaOptions): UploadQuota {
  return maxBytes === null ? { take: () => UNLIMITED } : createLimited({ files, clock, maxBytes });
}

const UNLIMITED: Share = { count: (bytes) => bytes, keep() {}, giveBack() {} };

/** Two looks: the first may be one that was under way already, and know less. */
const LOOKS = 2;
/** What other processes do counts after this long. */
const FRESH_MS = 1_000;

type LimitedOptions = Omit<UploadQuotaOptions, "maxBytes"> & { readonly maxBytes: number };

function createLimited({ files, clock, maxBytes }: LimitedOptions): UploadQuota {
  /** As the store said when it was asked last. Nothing fits before it was asked. */
  let stored = Number.POSITIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  /** Stored since then, or since the asking began: whether the store's answer had it is not known. */
  let since = 0;
  let underWay = 0;
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    const before = since;
    askedAt = clock.monotonic();
    stored = await files.uploadedBytes();
    since -= before;
  }

  const isExceeded = () => stored + since + underWay > maxBytes;

  function lookTogether(): Promise<void> {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  }

  /** There may be less room than was known, and then more. */
  async function lookForRoom(): Promise<void> {
    if (clock.monotonic() - askedAt >= FRESH_MS) await lookTogether();
    for (let looks = 0; isExceeded() && looks < LOOKS; looks += 1) await lookTogether();
  }

  return {
    take() {
      let mine = 0;
      const leave = () => {
        underWay -= mine;
        mine = 0;
      };
      return {
        async *count(bytes) {
          for await (const chunk of bytes) {
            mine += chunk.length;
            underWay += chunk.length;
            await lookForRoom();
            if (isExceeded()) {
              // Before anybody else looks: of several that are too much together, not all have to go.
              leave();
              throw quotaExceeded(maxBytes);
            }
            yield chunk;
          }
        },
        keep() {
          since += mine;
          leave();
        },
        giveBack: leave,
      };
    },
  };
}
