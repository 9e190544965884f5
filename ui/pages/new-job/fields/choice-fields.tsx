// Fields where one of a few is chosen.
import { useId } from "react";
import { controlClasses, Field } from "../../../parts/field.tsx";
import { useForm } from "../form-view.ts";
import { type Choice, titleOf } from "../shape.ts";
import { type FieldPropsOf, hintOf, textIn } from "./field-props.ts";

export function ChoiceField({ name, shape, draft, isRequired, pointer, onChange }: FieldPropsOf<"choice">) {
  const { mistakes } = useForm();
  const standard = shape.choices.find(({ value }) => JSON.stringify(value) === JSON.stringify(shape.standard));
  return (
    <Field label={titleOf(name, shape)} hint={hintOf(shape)} mistake={mistakes.get(pointer)} required={isRequired}>
      {(attributes) => (
        <select
          {...attributes}
          required={isRequired}
          className={controlClasses}
          value={textIn(draft)}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="">{blankText(standard, isRequired)}</option>
          {shape.choices.map((choice, index) => (
            <option key={choice.label} value={index}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function blankText(standard: Choice | undefined, isRequired: boolean): string {
  if (standard) return `${standard.label} (default)`;
  return isRequired ? "Choose one" : "Not said";
}

/** A box to tick where there are two ways; a choice where it may also be left open. */
export function FlagField({ name, shape, draft, isRequired, pointer, onChange }: FieldPropsOf<"flag">) {
  const { mistakes } = useForm();
  const id = useId();
  const mistake = mistakes.get(pointer);
  if (!isRequired && typeof shape.standard !== "boolean") {
    return (
      <Field label={titleOf(name, shape)} hint={hintOf(shape)} mistake={mistake}>
        {(attributes) => (
          <select
            {...attributes}
            className={controlClasses}
            value={textIn(draft)}
            onChange={(event) => onChange(event.target.value)}
          >
            <option value="">Not said</option>
            <option value="true">Yes</option>
            <option value="false">No</option>
          </select>
        )}
      </Field>
    );
  }
  const hint = hintOf(shape);
  const text = textIn(draft);
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="flex min-h-9 items-center gap-2 font-medium text-sm">
        <input
          id={id}
          type="checkbox"
          className="size-4 accent-accent"
          aria-describedby={`${id}-about`}
          aria-invalid={mistake !== undefined}
          checked={text === "" ? shape.standard === true : text === "true"}
          onChange={(event) => onChange(String(event.target.checked))}
        />
        {titleOf(name, shape)}
      </label>
      <span id={`${id}-about`} className="flex flex-col gap-1 text-muted text-xs empty:hidden">
        {hint !== undefined && <span>{hint}</span>}
        {mistake !== undefined && <span className="text-failed">{mistake}</span>}
      </span>
    </div>
  );
}

/** There is nothing to choose. */
export function FixedField({ name, shape }: FieldPropsOf<"fixed">) {
  return (
    <div className="flex flex-col gap-1 text-sm">
      <span className="font-medium">{titleOf(name, shape)}</span>
      <code className="break-words font-mono text-muted text-xs">{JSON.stringify(shape.value)}</code>
    </div>
  );
}
