// The name of a member of a record.
import { controlClasses, Field } from "../../../parts/field.tsx";
import type { Entry } from "../draft.ts";

interface NameFieldProps {
  readonly entry: Entry;
  readonly onChange: (entry: Entry) => void;
}

export function NameField({ entry, onChange }: NameFieldProps) {
  return (
    <div className="min-w-0 flex-1">
      <Field label="Name">
        {(attributes) => (
          <input
            {...attributes}
            className={controlClasses}
            value={entry.name}
            onChange={(event) => onChange({ ...entry, name: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}
