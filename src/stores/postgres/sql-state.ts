// PostgreSQL's five-character error codes, as far as Pawl answers to them. Messages are translated, codes never change.

export const SQL_STATE = {
  transactionAborted: "25P02",
  noSuchSchema: "3F000",
  noSuchTable: "42P01",
  notAllowed: "42501",
  uniqueViolation: "23505",
  diskFull: "53100",
  lockTimeout: "55P03",
} as const;

/** The code that the server gave an error, `null` for errors of anybody else. */
export function sqlStateOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
