// A frame around fields that belong together, with what is wrong with them as a whole.
import type { ReactNode } from "react";
import { useForm } from "../form-view.ts";

interface FieldsetProps {
  readonly title: string;
  readonly hint: string | undefined;
  readonly isRequired: boolean;
  readonly pointer: string;
  readonly children: ReactNode;
}

export function Fieldset({ title, hint, isRequired, pointer, children }: FieldsetProps) {
  const mistake = useForm().mistakes.get(pointer);
  return (
    <fieldset
      className="m-0 flex min-w-0 flex-col gap-3 rounded border border-line p-3"
      {...(mistake === undefined ? {} : { "data-mistake": true, tabIndex: -1 })}
    >
      <legend className="px-1 font-medium text-sm">
        {title}
        {isRequired && <span className="font-normal text-muted"> (required)</span>}
      </legend>
      {hint !== undefined && <p className="m-0 text-muted text-xs">{hint}</p>}
      {mistake !== undefined && <p className="m-0 text-failed text-xs">{mistake}</p>}
      {children}
    </fieldset>
  );
}
