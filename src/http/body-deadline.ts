// Ends connections whose JSON body does not arrive in time, so that slow senders cannot pile up. One timer for all of them:
// a timer for each request would cost more than reading it.
import type { IncomingMessage } from "node:http";
import type { Clock } from "../ports/clock.ts";

const LIMIT_MS = 30_000;
const SWEEP_MS = 5_000;

export interface BodyDeadline {
  begin(message: IncomingMessage): void;
  end(message: IncomingMessage): void;
}

export function createBodyDeadline(clock: Clock): BodyDeadline {
  const waiting = new Map<IncomingMessage, number>();
  let armed = false;

  function arm(): void {
    if (armed || waiting.size === 0) return;
    armed = true;
    clock.after(SWEEP_MS, sweep);
  }

  function sweep(): void {
    armed = false;
    const oldest = clock.monotonic() - LIMIT_MS;
    for (const [message, since] of waiting) {
      const late = since < oldest && !message.complete;
      if (late) message.destroy();
      if (late || message.complete || message.destroyed) waiting.delete(message);
    }
    arm();
  }

  return {
    begin(message) {
      waiting.set(message, clock.monotonic());
      arm();
    },
    end: (message) => void waiting.delete(message),
  };
}
