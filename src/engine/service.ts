// What every long-lived part of the engine is: something that starts once and stops cleanly.

export interface Service {
  /** May come twice. */
  start(): Promise<void>;
  /** Waits until nothing of it runs any more. May come twice. */
  stop(): Promise<void>;
}
