// The fields: the input's as its schema says, the options folded away below.
import { Button } from "../../parts/button.tsx";
import { type Draft, draftAt, type GroupDraft, withMember } from "./draft.ts";
import { Fields, ShapeField } from "./fields/shape-field.tsx";
import { useForm } from "./form-view.ts";
import { CsvPreview } from "./preview/csv-preview.tsx";
import { COLUMNS } from "./preview/csv-wishes.ts";
import { optionFields } from "./request-shape.ts";
import type { JobForm } from "./use-job-form.ts";

interface FormFieldsProps {
  readonly form: JobForm;
  readonly isUploading: boolean;
}

export function FormFields({ form, isUploading }: FormFieldsProps) {
  const { shape, draft, setDraft } = form;
  return (
    <>
      <section aria-labelledby="input-title" className="flex flex-col gap-4">
        <div className="flex items-center justify-between gap-4">
          <h2 id="input-title" className="m-0 font-semibold text-base">
            Input
          </h2>
          {(form.isJson || form.input.kind !== "json") && (
            <Button small look="quiet" disabled={isUploading} onClick={form.toggleJson}>
              {form.isJson ? "Edit as a form" : "Edit as JSON"}
            </Button>
          )}
        </div>
        <InputFields form={form} />
      </section>
      <details
        open={form.areOptionsOpen}
        onToggle={(event) => form.setOptionsOpen(event.currentTarget.open)}
        className="panel"
      >
        <summary className="px-4 py-2.5 font-semibold text-sm">
          Options <span className="font-normal text-muted">key, queue, priority, start, attempts, timeout, labels</span>
        </summary>
        <div className="border-line border-t p-4">
          <Fields fields={optionFields(shape)} draft={draft} pointer="" onChange={setDraft} />
        </div>
      </details>
    </>
  );
}

function InputFields({ form: { input, draft, setDraft } }: { readonly form: JobForm }) {
  const { files, previews, columnTypes } = useForm();
  const own = draftAt(draft, ["input"]) ?? "";
  const change = (next: Draft) => setDraft(withMember(draft, "input", next));
  if (input.kind !== "group" || typeof own === "string" || own.kind !== "group") {
    return <ShapeField name="Input" shape={input} draft={own} isRequired pointer="/input" onChange={change} />;
  }
  if (input.fields.length === 0) return <p className="m-0 text-muted text-sm">This type asks for nothing.</p>;
  // Where there is a preview, types are chosen in its head.
  const areTypesAbove =
    columnTypes !== null && [...previews.values()].some(({ head }) => head?.header) && !hasStrays(own, previews);
  const [required, others] = [true, false].map((isRequired) =>
    input.fields.filter((field) => field.isRequired === isRequired && !(areTypesAbove && field.name === COLUMNS)),
  );
  return (
    <>
      <Fields fields={required ?? []} draft={own} pointer="/input" onChange={change} />
      {[...previews].map(([field, preview]) => (
        <CsvPreview key={field} preview={preview} fileName={files.views.get(field)?.head?.name ?? ""} />
      ))}
      <Fields fields={others ?? []} draft={own} pointer="/input" onChange={change} />
    </>
  );
}

/** Whether types are said of columns that no file has: they could not be changed in a preview. */
function hasStrays(input: GroupDraft, previews: ReturnType<typeof useForm>["previews"]): boolean {
  const typed = draftAt(input, [COLUMNS]);
  if (typed === undefined || typeof typed === "string" || typed.kind !== "list") return false;
  const names = new Set([...previews.values()].flatMap(({ columns }) => columns.map(({ name }) => name)));
  return typed.entries.some(({ name }) => !names.has(name));
}
