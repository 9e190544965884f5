// The data that the shipped job types made, as the HTTP API shows it. `jobs` implements it, `cli/compose` wires it.

export interface DatasetSummary {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly imports: readonly { readonly jobId: string; readonly rows: number; readonly at: string }[];
}

export interface DatasetRow {
  /** Position in the dataset's order; pass the last one as `after` to go on. */
  readonly position: string;
  readonly values: Readonly<Record<string, string>>;
  readonly importJobId: string;
  /** The line of the file that the row came from, from 1. */
  readonly line: number;
}

export interface DatasetCatalog {
  list(): Promise<readonly DatasetSummary[]>;
  /** `null` when there is no such dataset. At most `limit` rows, in import order. */
  rows(
    name: string,
    page: { readonly limit: number; readonly after: string | null },
  ): Promise<readonly DatasetRow[] | null>;
}
