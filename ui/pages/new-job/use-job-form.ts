// The state of the form: what was typed, what is wrong with it, and the request that comes of it.
import { useMemo, useState } from "react";
import type { JobTypeInfo, Json } from "../../../src/client/index.ts";
import { draftAt, draftOf, type GroupDraft, withMember } from "./draft.ts";
import { NOTHING_WRONG, type Placed, placeMistakes, pointersOf } from "./mistakes.ts";
import { type Read, readDraft, under, withoutSecrets } from "./read-draft.ts";
import { hasOptions, inputField, requestShape, withJsonInput } from "./request-shape.ts";
import type { Shape } from "./shape.ts";

/** What a form begins with. */
export interface TakenOver {
  readonly input?: Json;
  readonly queue?: string;
  readonly labels?: { readonly [name: string]: string };
}

export interface JobForm {
  readonly shape: Extract<Shape, { kind: "group" }>;
  readonly input: Shape;
  readonly draft: GroupDraft;
  readonly read: Read;
  /** The input is edited as JSON text. */
  readonly isJson: boolean;
  readonly placed: Placed;
  readonly areOptionsOpen: boolean;
  setOptionsOpen(isOpen: boolean): void;
  /** Changes one field of the input, from outside of its control. */
  setInput(field: string, change: (input: GroupDraft) => GroupDraft): void;
  setDraft(draft: GroupDraft): void;
  /** Does nothing while the JSON text is none. */
  toggleJson(): void;
  /** Shows these mistakes where they belong. */
  place(mistakes: Read["mistakes"]): void;
}

const WHOLE = { isRequired: true, pointer: "" } as const;

export function useJobForm(type: JobTypeInfo, takenOver: TakenOver): JobForm {
  const [isJson, setJson] = useState(false);
  const drawn = useMemo(() => requestShape(type), [type]);
  const shape = useMemo(() => (isJson ? withJsonInput(drawn) : drawn), [drawn, isJson]);
  const [draft, setDraft] = useState(() => beginning(drawn, takenOver));
  const [placed, setPlaced] = useState(NOTHING_WRONG);
  const [areOptionsOpen, setOptionsOpen] = useState(() => hasOptions(draft));
  const read = useMemo(() => readDraft(shape, draft, WHOLE), [shape, draft]);
  const input = inputField(shape)?.shape ?? shape;
  const drawnInput = inputField(drawn)?.shape ?? drawn;

  const change = (next: GroupDraft) => {
    setDraft(next);
    // What was wrong may be right now; the next try tells.
    setPlaced((present) => stillWrong(present, draft, next));
  };
  const place = (mistakes: Read["mistakes"]) => {
    const next = placeMistakes(mistakes, pointersOf(shape, draft, ""));
    setPlaced(next);
    if ([...next.at.keys()].some((pointer) => !isInInput(pointer))) setOptionsOpen(true);
  };
  return {
    shape,
    input,
    draft,
    read,
    isJson,
    placed,
    areOptionsOpen,
    setOptionsOpen,
    setDraft: change,
    setInput(field, update) {
      setDraft((present) => {
        const own = draftAt(present, ["input"]);
        const isGroup = own !== undefined && typeof own !== "string" && own.kind === "group";
        return isGroup ? withMember(present, "input", update(own)) : present;
      });
      setPlaced((present) => withoutPlace(present, under("/input", field)));
    },
    toggleJson() {
      const own = readDraft(input, draftAt(draft, ["input"]) ?? "", { isRequired: true, pointer: "/input" });
      if (isJson && own.mistakes.length > 0) return place(own.mistakes);
      const next = isJson
        ? draftOf(drawnInput, own.value)
        : JSON.stringify(withoutSecrets(drawnInput, own.value, undefined) ?? {}, null, 2);
      setDraft(withMember(draft, "input", next));
      setPlaced(NOTHING_WRONG);
      setJson(!isJson);
    },
    place,
  };
}

const isInInput = (pointer: string): boolean => pointer === "/input" || pointer.startsWith("/input/");

function beginning(shape: Extract<Shape, { kind: "group" }>, { input, queue, labels }: TakenOver): GroupDraft {
  const value = {
    ...(input === undefined ? {} : { input }),
    ...(queue === undefined ? {} : { queue }),
    ...(labels === undefined || Object.keys(labels).length === 0 ? {} : { labels }),
  };
  const draft = draftOf(shape, value);
  if (typeof draft === "string" || draft.kind !== "group") throw new TypeError("A request is a group.");
  return draft;
}

const withoutPlace = ({ at, rest }: Placed, place: string): Placed => ({
  at: new Map([...at].filter(([pointer]) => pointer !== place && !pointer.startsWith(`${place}/`))),
  rest,
});

/** The mistakes of what was not changed. */
function stillWrong({ at, rest }: Placed, before: GroupDraft, after: GroupDraft): Placed {
  if (at.size === 0) return NOTHING_WRONG;
  const left = [...at].filter(([pointer]) => {
    const path = pointer
      .split("/")
      .slice(1)
      .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    return isUnchanged(before, after, path);
  });
  return { at: new Map(left), rest };
}

/** Whether the same object stands at the path, as far as the path leads through groups. */
function isUnchanged(before: GroupDraft, after: GroupDraft, path: readonly string[]): boolean {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    const [one, other] = [draftAt(before, part), draftAt(after, part)];
    if (one !== undefined || other !== undefined) return one === other;
  }
  return before === after;
}
