// Fields that are typed: texts, dates, secrets, numbers, JSON.
import { useId } from "react";
import { controlClasses, Field } from "../../../parts/field.tsx";
import { useForm } from "../form-view.ts";
import { titleOf } from "../shape.ts";
import { asDuration, type FieldPropsOf, hintOf, textIn } from "./field-props.ts";

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function TextField({ name, shape, draft, isRequired, pointer, onChange }: FieldPropsOf<"text">) {
  const { mistakes, suggestions } = useForm();
  const text = textIn(draft);
  const listId = useId();
  const offered = suggestions.get(pointer) ?? [];
  const change = (event: { readonly target: { readonly value: string } }) => onChange(event.target.value);
  return (
    <Field label={titleOf(name, shape)} hint={hintOf(shape)} mistake={mistakes.get(pointer)} required={isRequired}>
      {(attributes) => {
        const common = { ...attributes, className: controlClasses, required: isRequired, onChange: change };
        if (shape.isLong) return <textarea {...common} rows={4} value={text} />;
        if (shape.isSecret) return <input {...common} type="password" autoComplete="new-password" value={text} />;
        if (shape.control === "moment") return <MomentInput {...common} iso={text} onIso={onChange} />;
        // A value that is no day would not be shown by a control for days.
        if (shape.control === "date" && (text === "" || DAY.test(text)))
          return <input {...common} type="date" max="9999-12-31" value={text} />;
        return (
          <>
            <input
              {...common}
              type="text"
              inputMode={shape.control === "email" ? "email" : shape.control === "url" ? "url" : "text"}
              autoComplete="off"
              spellCheck={false}
              placeholder={shape.example ?? undefined}
              list={offered.length > 0 ? listId : undefined}
              value={text}
            />
            {offered.length > 0 && (
              <datalist id={listId}>
                {offered.map((one) => (
                  <option key={one} value={one} />
                ))}
              </datalist>
            )}
          </>
        );
      }}
    </Field>
  );
}

interface MomentInputProps extends React.InputHTMLAttributes<HTMLInputElement> {
  readonly iso: string;
  readonly onIso: (iso: string) => void;
}

/** A moment in the reader's own time zone, kept in UTC. */
function MomentInput({ iso, onIso, ...rest }: MomentInputProps) {
  return (
    <input
      {...rest}
      type="datetime-local"
      step={1}
      max="9999-12-31T23:59:59"
      value={localText(iso)}
      onChange={({ target: { value } }) => onIso(value === "" ? "" : new Date(value).toISOString())}
    />
  );
}

function localText(iso: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return "";
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

export function NumberField({ name, shape, draft, isRequired, pointer, onChange }: FieldPropsOf<"number">) {
  const { mistakes } = useForm();
  const text = textIn(draft);
  const said = asDuration(name, text);
  const hint = [hintOf(shape), said === null ? null : `Now ${said}.`].filter(Boolean).join(" ");
  return (
    <Field
      label={titleOf(name, shape)}
      hint={hint === "" ? undefined : hint}
      mistake={mistakes.get(pointer)}
      required={isRequired}
    >
      {(attributes) => (
        <input
          {...attributes}
          type="text"
          inputMode={shape.isWhole && (shape.min ?? -1) >= 0 ? "numeric" : "decimal"}
          autoComplete="off"
          required={isRequired}
          className={`${controlClasses} figures`}
          placeholder={typeof shape.standard === "number" ? String(shape.standard) : (shape.example ?? undefined)}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export function JsonField({ name, shape, draft, isRequired, pointer, onChange }: FieldPropsOf<"json">) {
  const { mistakes } = useForm();
  const hint = [hintOf(shape), shape.isSecret ? null : "As JSON."].filter(Boolean).join(" ");
  return (
    <Field
      label={titleOf(name, shape)}
      hint={hint === "" ? undefined : hint}
      mistake={mistakes.get(pointer)}
      required={isRequired}
    >
      {(attributes) => (
        <textarea
          {...attributes}
          rows={Math.min(20, Math.max(4, textIn(draft).split("\n", 20).length + 1))}
          spellCheck={false}
          autoComplete="off"
          required={isRequired}
          className={`${controlClasses} font-mono text-xs`}
          placeholder={shape.example ?? undefined}
          value={textIn(draft)}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
