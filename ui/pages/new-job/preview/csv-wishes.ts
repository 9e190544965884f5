// What a form says of the CSV file beside it: the types of its columns, its delimiter, and where its rows go. Forms without
// such fields say nothing.
import { CELL_TYPES, type CellType } from "../../../../src/jobs/cell-types.ts";
import {
  type Draft,
  draftAt,
  type GroupDraft,
  type ListDraft,
  withEntry,
  withMember,
  withNewEntry,
  withoutEntry,
} from "../draft.ts";
import type { Shape } from "../shape.ts";

export interface CsvWishes {
  readonly delimiter: string | undefined;
  /** Types by name of column, those that were chosen. */
  readonly types: Readonly<Record<string, CellType>>;
  readonly dateColumn: string;
  readonly dataset: string;
}

/** The field for the types of columns. */
export const COLUMNS = "columns";

export const isCellType = (value: unknown): value is CellType => CELL_TYPES.some((type) => type === value);

type Choices = Extract<Shape, { kind: "choice" }>;

/** The choice of a column's type, where the input has a field for the types of columns. */
export function columnChoices(input: Shape): Choices | null {
  const field = input.kind === "group" ? input.fields.find(({ name }) => name === COLUMNS) : undefined;
  const item = field?.shape.kind === "record" ? field.shape.item : null;
  return item?.kind === "choice" && item.choices.every(({ value }) => isCellType(value)) ? item : null;
}

export function csvWishes(input: Shape, draft: Draft | undefined): CsvWishes {
  const text = (name: string) => {
    const found = draftAt(draft, [name]);
    return typeof found === "string" ? found : "";
  };
  const choices = columnChoices(input)?.choices ?? [];
  const types = columnsOf(draft).entries.flatMap(({ name, draft: chosen }) => {
    const type = typeof chosen === "string" && chosen !== "" ? choices[Number(chosen)]?.value : undefined;
    return isCellType(type) ? [[name, type] as const] : [];
  });
  const dateColumn = text("dateColumn");
  const delimiter = text("delimiter");
  return {
    delimiter: delimiter === "tab" ? "\t" : [...delimiter].length === 1 ? delimiter : undefined,
    types: Object.fromEntries(types),
    dateColumn,
    dataset: text("dataset").trim(),
  };
}

function columnsOf(draft: Draft | undefined): ListDraft {
  const found = draftAt(draft, [COLUMNS]);
  return found !== undefined && typeof found !== "string" && found.kind === "list"
    ? found
    : { kind: "list", entries: [] };
}

/** The input in which these columns have these types; `null`: none is said. */
export function withColumnTypes(
  input: GroupDraft,
  { choices }: Choices,
  types: Readonly<Record<string, CellType | null>>,
): GroupDraft {
  let columns = columnsOf(input);
  for (const [name, type] of Object.entries(types)) {
    const index = choices.findIndex(({ value }) => value === type);
    const present = columns.entries.find((entry) => entry.name === name);
    if (index < 0) columns = present ? withoutEntry(columns, present.key) : columns;
    else if (present) columns = withEntry(columns, { ...present, draft: String(index) });
    else columns = withNewEntry(columns, name, String(index));
  }
  return withMember(input, COLUMNS, columns);
}
