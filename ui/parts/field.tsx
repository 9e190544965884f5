// Fields of forms: a label, the control, what it means, and what is wrong with it.
import { type ReactNode, useId } from "react";

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly mistake?: string | undefined;
  readonly required?: boolean;
  /** Gets the attributes that tie the control to its label, hint and mistake. */
  readonly children: (attributes: {
    readonly id: string;
    readonly "aria-describedby"?: string;
    readonly "aria-invalid"?: true;
  }) => ReactNode;
}

export function Field({ label, hint, mistake, required = false, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, mistake && `${id}-mistake`].filter(Boolean).join(" ");
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium text-sm">
        {label}
        {required && <span className="font-normal text-muted"> (required)</span>}
      </label>
      {children({
        id,
        ...(described === "" ? {} : { "aria-describedby": described }),
        ...(mistake === undefined ? {} : { "aria-invalid": true }),
      })}
      {hint !== undefined && (
        <span id={`${id}-hint`} className="text-muted text-xs">
          {hint}
        </span>
      )}
      {mistake !== undefined && (
        <span id={`${id}-mistake`} className="text-failed text-xs">
          {mistake}
        </span>
      )}
    </div>
  );
}

/** The look of inputs, selects and text areas. */
export const controlClasses =
  "min-h-9 w-full rounded border border-line-strong bg-surface px-2.5 py-1.5 text-ink text-sm aria-invalid:border-failed";
