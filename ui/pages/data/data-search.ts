// What the address of the data page holds: the dataset that is open.

export interface DataSearch {
  readonly dataset?: string;
}

export function dataSearch({ dataset }: Readonly<Record<string, unknown>>): DataSearch {
  return typeof dataset === "string" || typeof dataset === "number" ? { dataset: String(dataset) } : {};
}
