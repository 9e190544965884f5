// What of the page the address holds.

export interface NewJobSearch {
  /** Name of the job type. */
  readonly type?: string;
  /** Id of a job whose type, input, queue and labels are taken over. */
  readonly from?: string;
  /** What the input's `dataset` is filled in with. */
  readonly dataset?: string;
}

const NAMES = ["type", "from", "dataset"] as const satisfies readonly (keyof NewJobSearch)[];

export function newJobSearch(search: Readonly<Record<string, unknown>>): NewJobSearch {
  // A dataset may be called 2024, which an address reads as a number.
  const text = (value: unknown) => (typeof value === "number" ? String(value) : value);
  const given = NAMES.map((name) => [name, text(search[name])] as const);
  return Object.fromEntries(given.filter(([, value]) => typeof value === "string" && value !== ""));
}
