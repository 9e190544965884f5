// Tells other processes what was committed here. Nobody waits for it: what is published while a send is under way, or soon
// after one, goes together in the next one; a request does not wait. Invariant: what could not be sent is covered by a
// `resync` that is.
import type { Clock } from "../../ports/clock.ts";
import type { Notice } from "../../ports/notifier.ts";
import { createChangeOutbox } from "./change-outbox.ts";
import { pack } from "./notices.ts";

export interface Announcer {
  announce(notice: Notice): void;
  /** Sends all that waits; resolves when it was sent, or could not be. */
  flush(): Promise<void>;
}

export interface AnnouncerOptions {
  readonly clock: Clock;
  /** Names this process. */
  readonly sender: string;
  readonly send: (payloads: readonly string[]) => Promise<void>;
}

const RETRY_MS = 1_000;
/** Sends are this far apart, but for requests: every one of them wakes all workers of all processes. */
const SEND_EVERY_MS = 10;

export function createAnnouncer({ clock, sender, send }: AnnouncerOptions): Announcer {
  const changes = createChangeOutbox();
  let controls: Notice[] = [];
  /** From when on there is work, on the monotonic clock. */
  let workAt: number | null = null;
  let sending: Promise<void> | null = null;
  let sentAt = Number.NEGATIVE_INFINITY;
  let retryAt = Number.NEGATIVE_INFINITY;
  let cancelTimer = () => {};

  function take(atLast: boolean): readonly Notice[] {
    const now = clock.monotonic();
    const work: readonly Notice[] = workAt === null ? [] : [{ kind: "work", inMs: Math.max(0, workAt - now) }];
    const notices = [...controls, ...work, ...changes.take(now, atLast)];
    controls = [];
    workAt = null;
    return notices;
  }

  async function sendWaiting(atLast = false): Promise<void> {
    // What this turn still publishes goes along.
    await new Promise((resolve) => setImmediate(resolve));
    const notices = take(atLast);
    if (notices.length === 0) return;
    sentAt = clock.monotonic();
    try {
      await send(pack(sender, notices));
    } catch {
      changes.missed();
      retryAt = clock.monotonic() + RETRY_MS;
    }
  }

  function sendNow(): void {
    sending ??= sendWaiting().finally(() => {
      sending = null;
      schedule();
    });
  }

  /** When to send next, `null` when there is nothing to send. */
  function dueAt(): number | null {
    if (controls.length > 0) return retryAt;
    const due = workAt === null ? changes.dueAt : Number.NEGATIVE_INFINITY;
    return due === null ? null : Math.max(due, retryAt, sentAt + SEND_EVERY_MS);
  }

  function schedule(): void {
    if (sending) return;
    cancelTimer();
    const at = dueAt();
    if (at === null) return;
    const waitMs = at - clock.monotonic();
    if (waitMs <= 0) sendNow();
    else cancelTimer = clock.after(waitMs, sendNow);
  }

  return {
    announce(notice) {
      switch (notice.kind) {
        case "control":
          controls.push(notice);
          break;
        case "work":
          workAt = Math.min(workAt ?? Number.POSITIVE_INFINITY, clock.monotonic() + notice.inMs);
          break;
        case "changed":
          changes.changed(notice.jobs);
          break;
        case "logged":
          changes.logged(notice.jobIds);
          break;
        case "resync":
          changes.missed();
          break;
      }
      schedule();
    },
    async flush() {
      await sending;
      cancelTimer();
      await sendWaiting(true);
    },
  };
}
