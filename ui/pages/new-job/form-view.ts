// What every field of the form may need to know of the form.
import { createContext, useContext } from "react";
import type { CellType } from "../../../src/jobs/cell-types.ts";
import type { FilePreview } from "./preview/use-previews.ts";
import type { Files } from "./use-files.ts";

export interface FormView {
  /** What is wrong, by pointer. */
  readonly mistakes: ReadonlyMap<string, string>;
  readonly files: Files;
  readonly previews: ReadonlyMap<string, FilePreview>;
  /** Texts that are likely meant, by pointer. */
  readonly suggestions: ReadonlyMap<string, readonly string[]>;
  /** The types that a column may have; `null` where the input has no field for them. */
  readonly columnTypes: readonly CellType[] | null;
  /** Types that were chosen, by name of column. */
  readonly chosenTypes: Readonly<Record<string, CellType>>;
  /** Rows go into a dataset that has its columns, and their types, already. */
  readonly hasDataset: boolean;
  /** `null`: none is said. */
  setColumnTypes(types: Readonly<Record<string, CellType | null>>): void;
}

export const FormContext = createContext<FormView | null>(null);

export function useForm(): FormView {
  const view = useContext(FormContext);
  if (view === null) throw new Error("This field stands outside of a form.");
  return view;
}
