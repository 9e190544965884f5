// What a database does with plain rows, as durably, without an engine.

export interface Raw {
  /** Rows inserted a second, `size` a transaction. */
  inserts(rows: number, size: number): Promise<number>;
  /** Rows claimed and completed a second: two transactions of `size` rows each. */
  drain(rows: number, size: number): Promise<number>;
  /** Updates of `jobs` rows a second: each transaction updates every one of them once. */
  updates(transactions: number, jobs: number): Promise<number>;
  /** The time of `commits` single commits, one after the other, in ms. */
  commitMs(commits: number): Promise<number>;
}
