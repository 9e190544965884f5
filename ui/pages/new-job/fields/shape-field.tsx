// One place of an input, as the control that fits it; groups and lists hold further places. What is required comes first, and
// small controls stand beside each other.
import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { Button, buttonClasses } from "../../../parts/button.tsx";
import { classes } from "../../../parts/class-names.ts";
import {
  type Draft,
  draftOf,
  type GroupDraft,
  type ListDraft,
  withEntry,
  withMember,
  withNewEntry,
  withoutEntry,
} from "../draft.ts";
import { under } from "../read-draft.ts";
import { type GroupField, type Shape, titleOf } from "../shape.ts";
import { ChoiceField, FixedField, FlagField } from "./choice-fields.tsx";
import { type FieldPropsOf, hintOf, type ShapeFieldProps } from "./field-props.ts";
import { Fieldset } from "./fieldset.tsx";
import { FileField } from "./file-field.tsx";
import { NameField } from "./name-field.tsx";
import { JsonField, NumberField, TextField } from "./text-fields.tsx";

export function ShapeField({ shape, ...rest }: ShapeFieldProps) {
  switch (shape.kind) {
    case "text":
      return <TextField shape={shape} {...rest} />;
    case "number":
      return <NumberField shape={shape} {...rest} />;
    case "json":
      return <JsonField shape={shape} {...rest} />;
    case "flag":
      return <FlagField shape={shape} {...rest} />;
    case "choice":
      return <ChoiceField shape={shape} {...rest} />;
    case "fixed":
      return <FixedField shape={shape} {...rest} />;
    case "file":
      return <FileField shape={shape} {...rest} />;
    case "group":
      return <GroupFieldset shape={shape} {...rest} />;
    case "list":
    case "record":
      return <ListField shape={shape} {...rest} />;
  }
}

const NO_MEMBERS: GroupDraft = { kind: "group", members: new Map(), rest: {} };

const groupIn = (draft: Draft): GroupDraft =>
  typeof draft !== "string" && draft.kind === "group" ? draft : NO_MEMBERS;

function GroupFieldset({ name, shape, draft, isRequired, pointer, onChange }: FieldPropsOf<"group">) {
  return (
    <Fieldset title={titleOf(name, shape)} hint={hintOf(shape)} isRequired={isRequired} pointer={pointer}>
      <Fields fields={shape.fields} draft={groupIn(draft)} pointer={pointer} onChange={onChange} />
    </Fieldset>
  );
}

interface FieldsProps {
  readonly fields: readonly GroupField[];
  readonly draft: GroupDraft;
  readonly pointer: string;
  readonly onChange: (draft: GroupDraft) => void;
}

export function Fields({ fields, draft, pointer, onChange }: FieldsProps) {
  if (fields.length === 0) return null;
  return (
    <div className="grid grid-cols-1 gap-x-6 gap-y-4 sm:grid-cols-2">
      {requiredFirst(fields).map(({ name, shape, isRequired }) => (
        <div key={name} className={classes("min-w-0", isWide(shape) && "sm:col-span-2")}>
          <ShapeField
            name={name}
            shape={shape}
            draft={draft.members.get(name) ?? ""}
            isRequired={isRequired}
            pointer={under(pointer, name)}
            onChange={(member) => onChange(withMember(draft, name, member))}
          />
        </div>
      ))}
    </div>
  );
}

const requiredFirst = (fields: readonly GroupField[]): readonly GroupField[] =>
  fields.toSorted((one, other) => Number(other.isRequired) - Number(one.isRequired));

const WIDE: readonly Shape["kind"][] = ["file", "group", "json", "list", "record"];

const isWide = (shape: Shape): boolean => WIDE.includes(shape.kind) || (shape.kind === "text" && shape.isLong);

const listIn = (draft: Draft): ListDraft =>
  typeof draft !== "string" && draft.kind === "list" ? draft : { kind: "list", entries: [] };

function ListField({ name, shape, draft, isRequired, pointer, onChange }: FieldPropsOf<"list" | "record">) {
  const list = listIn(draft);
  const isRecord = shape.kind === "record";
  const title = titleOf(name, shape);
  const addButton = useRef<HTMLButtonElement>(null);
  return (
    <Fieldset title={title} hint={hintOf(shape)} isRequired={isRequired} pointer={pointer}>
      {list.entries.length > 0 && (
        <ol className="m-0 flex list-none flex-col gap-3 p-0">
          {list.entries.map((entry, index) => (
            <li key={entry.key} className="flex items-start gap-2">
              {isRecord && <NameField entry={entry} onChange={(changed) => onChange(withEntry(list, changed))} />}
              <div className="min-w-0 flex-1">
                <ShapeField
                  name={isRecord ? "Value" : `${title} ${index + 1}`}
                  shape={shape.item}
                  draft={entry.draft}
                  isRequired={false}
                  pointer={under(pointer, isRecord ? entry.name : String(index))}
                  onChange={(changed) => onChange(withEntry(list, { ...entry, draft: changed }))}
                />
              </div>
              <Button
                look="quiet"
                className="mt-6 px-2"
                aria-label={`Remove ${isRecord && entry.name !== "" ? entry.name : `${title} ${index + 1}`}`}
                onClick={() => {
                  onChange(withoutEntry(list, entry.key));
                  addButton.current?.focus();
                }}
              >
                <X aria-hidden size={16} />
              </Button>
            </li>
          ))}
        </ol>
      )}
      <button
        ref={addButton}
        type="button"
        className={classes(buttonClasses("plain", true), "self-start")}
        onClick={() => onChange(withNewEntry(list, "", draftOf(shape.item, undefined)))}
      >
        <Plus aria-hidden size={14} />
        Add<span className="sr-only"> to {title}</span>
      </button>
    </Fieldset>
  );
}
