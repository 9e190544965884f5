// A client's clock on which the waits between two tries pass twenty times as fast, so that tests of lost connections are
// short. What only ends a hang keeps its length.
import type { ClientClock } from "../../src/client/index.ts";
import { systemClock } from "../../src/engine/system-clock.ts";

const BETWEEN_TRIES_MAX_MS = 10_000;

export const hastyClock: ClientClock = {
  monotonic: systemClock.monotonic,
  after: (ms, callback) => systemClock.after(ms > BETWEEN_TRIES_MAX_MS ? ms : ms / 20, callback),
};
