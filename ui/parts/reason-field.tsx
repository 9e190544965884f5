// Why something is asked for. It is never required, and kept where it will be looked for.
import type { Ref } from "react";
import { LIMITS } from "../../src/domain/limits.ts";
import { controlClasses, Field } from "./field.tsx";

interface ReasonFieldProps {
  /** Where it will be found. */
  readonly hint: string;
  readonly value: string;
  readonly onChange: (reason: string) => void;
  readonly ref?: Ref<HTMLInputElement>;
}

export function ReasonField({ hint, value, onChange, ref }: ReasonFieldProps) {
  return (
    <Field label="Reason" hint={hint}>
      {(attributes) => (
        <input
          {...attributes}
          ref={ref}
          className={controlClasses}
          maxLength={LIMITS.reasonLength}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
