// Hears what other processes say, on a connection of its own, which is opened again for ever when it breaks. A connection
// can die without a word, so it is used now and then: this process says that it is there.
// Invariant: whenever something may have been missed, that is told.
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Session } from "./database.ts";
import { type DirectConnection, openDirect } from "./direct-connection.ts";
import { channelOf, listen, notify } from "./queries/notices.ts";

export interface Listener {
  /** The connection, while it works. */
  readonly session: Session | null;
  /** Resolves when it listens, or when the first try has failed. */
  start(): Promise<void>;
  close(): void;
}

export interface ListenerOptions {
  readonly url: string;
  readonly schema: string;
  /** Tells the schema from others of its name. */
  readonly schemaId: string;
  /** What it says now and then, a payload. */
  readonly greeting: string;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly hear: (payload: string) => void;
  /** Something may have been missed. */
  readonly onGap: () => void;
}

/** Others who heard nothing for three times as long are sure that nobody is there. */
export const GREET_EVERY_MS = 5_000;
const DEADLINE_MS = 3_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

export function createListener(options: ListenerOptions): Listener {
  const { url, schema, schemaId, greeting, clock, logger, hear, onGap } = options;
  let connection: DirectConnection | null = null;
  let cancelTimer = () => {};
  let retryMs = FIRST_RETRY_MS;
  let greetedAt = clock.monotonic();
  let closed = false;
  let wasBroken = false;

  const later = (waitMs: number, act: () => Promise<void>) => {
    cancelTimer();
    if (!closed) cancelTimer = clock.after(waitMs, () => void act());
  };

  async function connect(): Promise<void> {
    const name = "pawl listener";
    try {
      const opened = await openDirect({
        url,
        schema,
        schemaId,
        name,
        deadlineMs: DEADLINE_MS,
        onNotification: hear,
        onEnd: mend,
      });
      if (closed || !opened.isDirect) return give(opened);
      await opened.run(listen(schema));
      connection = opened;
      await greet();
    } catch (error) {
      connection = null;
      if (!wasBroken) logger?.warn({ err: error }, "Notices of other processes are not heard; it is tried again.");
      wasBroken = true;
      retry();
      return;
    }
    retryMs = FIRST_RETRY_MS;
    if (wasBroken) logger?.info({}, "Notices of other processes are heard again.");
    if (wasBroken) onGap();
    wasBroken = false;
  }

  /** A pooler hands each transaction to another session: there is nothing to hear. */
  function give(opened: DirectConnection): void {
    opened.close();
    if (closed) return;
    logger?.warn(
      {},
      "The database is reached through a pooler, so that notices of other processes are not heard, and changes are seen " +
        "seconds later. Name a direct connection (listenUrl).",
    );
  }

  function retry(): void {
    later(retryMs, connect);
    retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
  }

  function mend(): void {
    connection = null;
    if (closed) return;
    if (!wasBroken) logger?.warn({}, "The connection that hears other processes broke; it is opened again.");
    wasBroken = true;
    retry();
  }

  /** Rejects when the connection is dead, which mends it. */
  async function greet(): Promise<void> {
    const silentMs = clock.monotonic() - greetedAt;
    greetedAt = clock.monotonic();
    await connection?.run(notify, channelOf(schema), [greeting]);
    // A process that stood still was believed to be gone: nobody spoke to it.
    if (silentMs > 2 * GREET_EVERY_MS) onGap();
    later(GREET_EVERY_MS, () => greet().catch(() => {}));
  }

  return {
    get session() {
      return connection;
    },
    start: connect,
    close() {
      closed = true;
      cancelTimer();
      connection?.close();
    },
  };
}
