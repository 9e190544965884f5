// Time as the client needs it: to wait between tries, and to give up on what stays silent. The only file of the client that
// touches timers, so that tests own time.

export interface ClientClock {
  /** Milliseconds since an arbitrary moment. Never goes back. */
  monotonic(): number;
  /** Calls `callback` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The clock of the browser or of Node. Unlike the server's, it keeps a process alive that waits for its next try. */
export const platformClock: ClientClock = {
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`. Rejects with the signal's reason when that aborts before. */
export function delay(clock: ClientClock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    function onAbort(): void {
      cancel();
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
