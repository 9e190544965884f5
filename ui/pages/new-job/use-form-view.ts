// What the fields of a form need to know of it and of the server: files and their previews, names that are likely meant.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { JobTypeInfo, Json } from "../../../src/client/index.ts";
import type { CellType } from "../../../src/jobs/cell-types.ts";
import { READS } from "../../data/server.ts";
import { draftAt, withMember } from "./draft.ts";
import type { FormView } from "./form-view.ts";
import { COLUMNS, columnChoices, csvWishes, isCellType, withColumnTypes } from "./preview/csv-wishes.ts";
import { usePreviews } from "./preview/use-previews.ts";
import { isObject, type Shape } from "./shape.ts";
import { useFiles } from "./use-files.ts";
import type { JobForm } from "./use-job-form.ts";

export function useFormView(type: JobTypeInfo, form: JobForm, givenInput: Json | undefined): FormView {
  const [takenOver] = useState(() => fileIds(form.input, givenInput));
  const files = useFiles({
    takenOver,
    onId: (field, id) => form.setInput(field, (input) => withMember(input, field, id)),
  });
  const wishes = csvWishes(form.input, draftAt(form.draft, ["input"]));
  const previews = usePreviews({ type: type.name, input: form.input, files, wishes });
  const { data: queues = [] } = useQuery(READS.queues);
  const choices = columnChoices(form.input);
  const header = [...previews.of.values()].flatMap(({ columns }) => columns.map(({ name }) => name));
  return {
    mistakes: form.placed.at,
    files,
    previews: previews.of,
    suggestions: new Map([
      ["/queue", queues.map(({ name }) => name)],
      ["/input/dataset", previews.datasets.map(({ name }) => name)],
      ["/input/dateColumn", header],
    ]),
    columnTypes: choices === null ? null : choices.choices.map(({ value }) => value).filter(isCellType),
    chosenTypes: wishes.types,
    hasDataset: previews.datasets.some(({ name }) => name === wishes.dataset),
    setColumnTypes(types: Readonly<Record<string, CellType | null>>) {
      if (choices !== null) form.setInput(COLUMNS, (input) => withColumnTypes(input, choices, types));
    },
  };
}

/** The files that an input names, by field. */
function fileIds(input: Shape, value: Json | undefined): ReadonlyMap<string, string> {
  if (input.kind !== "group" || !isObject(value)) return new Map();
  const named = input.fields.flatMap(({ name, shape }): readonly [string, string][] => {
    const id = Object.hasOwn(value, name) ? value[name] : undefined;
    return shape.kind === "file" && typeof id === "string" ? [[name, id]] : [];
  });
  return new Map(named);
}
