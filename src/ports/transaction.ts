// A transaction that belongs to a caller, as far as a store needs it.

/**
 * A connection on which the caller has an open transaction: a client of the `pg` package after its `BEGIN`, or anything
 * that runs statements likewise. Whoever opened the transaction ends it.
 */
export interface TransactionClient {
  /** Runs a statement with the values of `$1`, `$2`, ... on this connection, unprepared; rows are objects by column name. */
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
}
