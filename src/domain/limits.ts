// How large the parts of a request may be, wherever it comes from. HTTP refuses more by its schemas, the library by itself.

export const LIMITS = {
  /** Characters of a job's key. */
  keyLength: 200,
  /** Characters of a queue's name. */
  queueLength: 100,
  /** The highest priority; its negative is the lowest. */
  priority: 1_000_000,
  maxAttempts: 1_000,
  labels: 32,
  labelNameLength: 63,
  labelValueLength: 256,
} as const;
