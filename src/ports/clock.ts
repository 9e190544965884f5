// Time, as the engine sees it. Tests bring a clock that they move by hand.

export interface Clock {
  /** Wall time, epoch milliseconds. Jumps when the machine's clock is set. */
  now(): number;
  /** Milliseconds since an arbitrary moment. Never goes back: the one to measure durations with. */
  monotonic(): number;
  /** Calls `callback` once after `delayMs`; the answer cancels it. A pending timer does not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}
