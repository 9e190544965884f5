// The bus of one process among many: what is published here is told here at once and carried to the others, and what they
// say is told here. A hint, all of it: where nothing is heard, everybody is told to read again every few seconds.
import { randomUUID } from "node:crypto";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Notice } from "../../ports/notifier.ts";
import { createNotifier, type LocalNotifier } from "../sql/notifier.ts";
import { createAnnouncer } from "./announcer.ts";
import type { Database } from "./database.ts";
import type { DatabaseTime } from "./database-time.ts";
import { createListener, GREET_EVERY_MS } from "./listener.ts";
import { greetingOf, TRANSACTION_SENDER, unpack } from "./notices.ts";
import { channelOf, notify } from "./queries/notices.ts";

export interface SharedNotifier {
  readonly notifier: LocalNotifier;
  /** Resolves when others are heard, or when the first try to hear them has failed. */
  start(): Promise<void>;
  /** Sends what waits. */
  flush(): Promise<void>;
  close(): void;
}

export interface SharedNotifierOptions {
  readonly database: Database;
  readonly schema: string;
  /** Tells the schema from others of its name. */
  readonly schemaId: string;
  /** Where to listen, `null` for not at all. */
  readonly listenUrl: string | null;
  readonly time: DatabaseTime;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
}

/** Who is not heard of for so long is gone: then nothing is sent. */
const ALONE_MS = 3 * GREET_EVERY_MS;
/** Without hearing anything, read again this often. */
const POLL_MS = 3_000;
/** A process that died may have told nobody of its last change; and clocks are set. */
const RECHECK_MS = 60_000;
/** A worker looks for work at each `resync`, and all others say it to all. */
const RESYNC_EVERY_MS = 500;
/** A worker looks for work when any of very many others says that there is some. */
const WORK_EVERY_MS = 20;

export function createSharedNotifier(options: SharedNotifierOptions): SharedNotifier {
  const { database, schema, schemaId, listenUrl, time, clock, logger } = options;
  const sender = randomUUID();
  /** When another process was heard last: one that is there is assumed at first. */
  let othersAt = clock.monotonic();
  let recheckedAt = clock.monotonic();
  let cancelPoll = () => {};
  let closed = false;

  const resync = createPacer(clock, RESYNC_EVERY_MS, () => notifier.tell({ kind: "resync" }));
  const work = createPacer(clock, WORK_EVERY_MS, () => notifier.tell({ kind: "work", inMs: 0 }));
  const listener =
    listenUrl === null
      ? null
      : createListener({
          url: listenUrl,
          schema,
          schemaId,
          greeting: greetingOf(sender),
          clock,
          logger,
          hear,
          onGap: resync,
        });
  const announcer = createAnnouncer({
    clock,
    sender,
    async send(payloads) {
      await (listener?.session ?? database).run(notify, channelOf(schema), payloads);
    },
  });
  const notifier = createNotifier({
    now: time.latest,
    announce(notice) {
      const alone = listener?.session != null && clock.monotonic() - othersAt > ALONE_MS;
      if (!alone) announcer.announce(notice);
    },
  });

  function hear(payload: string): void {
    const heard = unpack(payload);
    if (heard.sender === sender) return;
    if (heard.sender !== TRANSACTION_SENDER) othersAt = clock.monotonic();
    for (const notice of heard.notices) hearOne(notice);
  }

  function hearOne(notice: Notice): void {
    if (notice.kind === "resync") resync();
    else if (notice.kind === "work" && notice.inMs === 0) work();
    else notifier.tell(notice);
  }

  function pollLater(): void {
    if (!closed) cancelPoll = clock.after(POLL_MS, () => void poll());
  }

  /** The next one comes after this one, not at a time that may have passed already: a clock that jumps is one poll. */
  async function poll(): Promise<void> {
    const isDue = clock.monotonic() - recheckedAt >= RECHECK_MS;
    if (isDue || !listener?.session) resync();
    if (isDue) recheckedAt = clock.monotonic();
    await (isDue ? time.measure(database).catch(() => {}) : null);
    pollLater();
  }

  return {
    notifier,
    async start() {
      await listener?.start();
      pollLater();
    },
    flush: announcer.flush,
    close() {
      closed = true;
      cancelPoll();
      listener?.close();
    },
  };
}

/** Calls `act` at once, and not again before `everyMs` have passed: then once for all calls meanwhile. */
function createPacer(clock: Clock, everyMs: number, act: () => void): () => void {
  let lastAt = Number.NEGATIVE_INFINITY;
  let isWaiting = false;
  const run = () => {
    isWaiting = false;
    lastAt = clock.monotonic();
    act();
  };
  return () => {
    if (isWaiting) return;
    const waitMs = lastAt + everyMs - clock.monotonic();
    if (waitMs <= 0) run();
    else {
      isWaiting = true;
      clock.after(waitMs, run);
    }
  };
}
