// What the address of the list holds: the filter, the order, which jobs are selected, and at which one a person is.
import type { ListRequest, State } from "../../../src/client/index.ts";
import { LIMITS } from "../../../src/domain/limits.ts";
import { isJobId } from "../../state/job-id.ts";
import { STATES_IN_ORDER } from "../../state/state-view.ts";

export interface JobsSearch {
  /** Separated by commas, as the others that may name several. */
  readonly state?: string;
  readonly type?: string;
  readonly queue?: string;
  readonly label?: string;
  readonly q?: string;
  readonly order?: "oldest";
  /** `all` that match, or ids. */
  readonly selected?: string;
  /** The id of the job that keys act on, or `first`. */
  readonly at?: string;
}

/** The part of it that says what is listed. */
export type FilterSearch = Omit<JobsSearch, "selected" | "at">;

export type JobsFilter = Pick<ListRequest, "state" | "type" | "queue" | "label" | "q" | "order">;

/** The longest that the server takes. */
export const LABEL_LENGTH = LIMITS.labelNameLength + 1 + LIMITS.labelValueLength;
/** An address that names more would be too long for some programs that pass it on. */
export const SELECTED_IN_ADDRESS = 50;

/** What is not understood is left out. The address may have read a name such as `7` as a number. */
export function jobsSearch(search: Readonly<Record<string, unknown>>): JobsSearch {
  const text = (name: string) => {
    const value = Object.hasOwn(search, name) ? search[name] : undefined;
    return typeof value === "string" || typeof value === "number" ? String(value).trim() || undefined : undefined;
  };
  const at = text("at");
  return withoutUndefined({
    state: joined(statesOf({ state: text("state") })),
    type: joined(listOf(text("type"))),
    queue: joined(listOf(text("queue"))),
    label: text("label")?.slice(0, LABEL_LENGTH),
    q: text("q")?.slice(0, LIMITS.searchLength),
    order: text("order") === "oldest" ? "oldest" : undefined,
    selected: text("selected") === "all" ? "all" : joined(selectedIds(text("selected"))),
    at: at === "first" || (at !== undefined && isJobId(at)) ? at : undefined,
  });
}

/** Without what is selected: jobs of another filter are others. */
export const filterSearch = ({ selected: _, at: __, ...filter }: JobsSearch): FilterSearch => filter;

/** The filter as the server takes it. */
export function filterOf({ state, type, queue, label, q, order }: JobsSearch): JobsFilter {
  return withoutUndefined({
    state: state === undefined ? undefined : statesOf({ state }),
    type: type === undefined ? undefined : listOf(type),
    queue: queue === undefined ? undefined : listOf(queue),
    label,
    q,
    order,
  });
}

/** The states that a filter names. */
export const statesOf = ({ state }: Pick<JobsSearch, "state">): readonly State[] =>
  STATES_IN_ORDER.filter((name) => listOf(state).includes(name));

/** The ids that an address names as selected; none when it is all that match. */
export const selectedIds = (selected: string | undefined): readonly string[] =>
  [...new Set(listOf(selected))].filter(isJobId).slice(0, SELECTED_IN_ADDRESS);

const listOf = (text: string | undefined): readonly string[] =>
  text
    ?.split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "") ?? [];

const joined = (names: readonly string[]): string | undefined => (names.length === 0 ? undefined : names.join(","));

/** `undefined` members are left out of the address, too. */
export const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
