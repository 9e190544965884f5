// Reads what the operating system said.

/** The code of a system error (`EACCES`, `ENOSPC`, ...), `null` for any other error. */
export function systemErrorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
