// The teams that `bulk-teams` made, as the HTTP API shows them. `jobs` implements it, `cli/compose` wires it.

export interface Team {
  /** Place in the order of creation; pass the last one as `after` to go on. */
  readonly position: string;
  readonly name: string;
  /** All columns of the row that it was made from, the name included. */
  readonly values: Readonly<Record<string, string>>;
  readonly jobId: string;
  /** The line of the file that it came from, from 1. */
  readonly line: number;
  /** ISO 8601. */
  readonly at: string;
}

export interface TeamCatalog {
  /** At most `limit` teams, the oldest first. */
  teams(page: { readonly limit: number; readonly after: string | null }): Promise<readonly Team[]>;
}
