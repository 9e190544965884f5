// What stands in the controls of a form, as it was typed. A text that is empty says nothing: its field is left out.
import type { Json } from "../../../src/client/index.ts";
import { SECRET_MASK } from "../../../src/domain/secrets.ts";
import { isObject, type Shape } from "./shape.ts";

export interface GroupDraft {
  readonly kind: "group";
  readonly members: ReadonlyMap<string, Draft>;
  /** Members that the schema does not name, as they were taken over. */
  readonly rest: { readonly [name: string]: Json };
}

export interface Entry {
  /** What it is known by while it is shown. */
  readonly key: number;
  /** Of a record. */
  readonly name: string;
  readonly draft: Draft;
}

export interface ListDraft {
  readonly kind: "list";
  readonly entries: readonly Entry[];
}

export type Draft = string | GroupDraft | ListDraft;

/** The controls for this value; empty ones for `undefined`. Secrets are never filled in. */
export function draftOf(shape: Shape, value: Json | undefined): Draft {
  switch (shape.kind) {
    case "group":
      return groupDraft(shape, value);
    case "list": {
      const items: readonly Json[] = Array.isArray(value) ? value : [];
      return { kind: "list", entries: items.map((item, key) => ({ key, name: "", draft: draftOf(shape.item, item) })) };
    }
    case "record": {
      const members = isObject(value) ? Object.entries(value) : [];
      return {
        kind: "list",
        entries: members.map(([name, member], key) => ({ key, name, draft: draftOf(shape.item, member) })),
      };
    }
    case "choice": {
      const index = shape.choices.findIndex((choice) => isSame(choice.value, value));
      return index < 0 ? "" : String(index);
    }
    case "fixed":
      return "";
    case "json":
      return value === undefined || shape.isSecret ? "" : JSON.stringify(value, null, 2);
    case "text":
      return shape.isSecret || value === SECRET_MASK ? "" : textDraft(value);
    case "number":
    case "flag":
    case "file":
      return textDraft(value);
  }
}

function textDraft(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function groupDraft(shape: Extract<Shape, { kind: "group" }>, value: Json | undefined): GroupDraft {
  const given = isObject(value) ? value : {};
  const members = shape.fields.map(({ name, shape: field }): [string, Draft] => {
    return [name, draftOf(field, Object.hasOwn(given, name) ? given[name] : undefined)];
  });
  const known = new Set(shape.fields.map(({ name }) => name));
  const rest = shape.isOpen ? Object.entries(given).filter(([name]) => !known.has(name)) : [];
  return { kind: "group", members: new Map(members), rest: Object.fromEntries(rest) };
}

const isSame = (one: Json, other: Json | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Names of secrets that a taken over input held, and that have to be given again. */
export function secretsIn(shape: Shape, value: Json | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  if ((shape.kind === "text" || shape.kind === "json") && shape.isSecret) return [shape.title ?? "secret"];
  if (shape.kind !== "group" || !isObject(value)) return [];
  return shape.fields.flatMap(({ name, shape: field }) => {
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    return secretsIn({ ...field, title: field.title ?? name }, member);
  });
}

/** Members of a taken over input that the type no longer has. */
export function droppedFrom(shape: Shape, value: Json | undefined): readonly string[] {
  if (shape.kind !== "group" || shape.isOpen || !isObject(value)) return [];
  const known = new Set(shape.fields.map(({ name }) => name));
  return Object.keys(value).filter((name) => !known.has(name));
}

/** The draft with `member` in place of what stands under `name`. */
export const withMember = (group: GroupDraft, name: string, member: Draft): GroupDraft => ({
  ...group,
  members: new Map(group.members).set(name, member),
});

export const withEntry = (list: ListDraft, entry: Entry): ListDraft => ({
  ...list,
  entries: list.entries.map((present) => (present.key === entry.key ? entry : present)),
});

export const withoutEntry = (list: ListDraft, key: number): ListDraft => ({
  ...list,
  entries: list.entries.filter((entry) => entry.key !== key),
});

export function withNewEntry(list: ListDraft, name: string, draft: Draft): ListDraft {
  const key = 1 + Math.max(-1, ...list.entries.map((entry) => entry.key));
  return { ...list, entries: [...list.entries, { key, name, draft }] };
}

/** What stands at a path of names, where there is something. */
export function draftAt(draft: Draft | undefined, [name, ...rest]: readonly string[]): Draft | undefined {
  if (name === undefined || draft === undefined) return draft;
  return typeof draft !== "string" && draft.kind === "group" ? draftAt(draft.members.get(name), rest) : undefined;
}
