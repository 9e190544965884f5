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
  concurrencyKeyLength: 200,
  /** The longest that an attempt may be allowed: 30 days. */
  timeoutMs: 2_592_000_000,
  /** The longest window of deduplication: 30 days. */
  dedupeWindowMs: 2_592_000_000,
  /** Jobs of a queue or type that may run at once, where that is limited. */
  concurrency: 100_000,
  /** Starts that a queue's rate limit may allow, and in what time at most: a day. */
  rateMax: 10_000,
  ratePerMs: 86_400_000,
  scheduleNameLength: 100,
  idempotencyKeyLength: 200,
  /** Characters of a reason, and of a text that jobs are searched for: over HTTP only. */
  reasonLength: 1_000,
  searchLength: 200,
  /** How long a token may be made for: ten years. */
  tokenMs: 315_360_000_000,
} as const;
