// JSON as a tree that a person can read: objects and lists fold, types have colours, and what is huge is shown in parts, so
// that a megabyte costs what is on the screen.
import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Json } from "../../src/client/index.ts";
import { count, plural } from "../format/number.ts";
import { classes } from "./class-names.ts";
import { CopyButton } from "./copy-button.tsx";

interface DataTreeProps {
  readonly value: Json;
  /** What it is, such as "input". */
  readonly label: string;
}

/** Members shown at once. */
const PAGE = 100;
/** Characters of a text shown at once. */
const TEXT_SHOWN = 400;
/** Nodes above this depth that have few members begin unfolded. */
const OPEN_DEPTH = 4;
const OPEN_MEMBERS = 20;

type Branch = Extract<Json, object>;

const isBranch = (value: Json): value is Branch => typeof value === "object" && value !== null;

export function DataTree({ value, label }: DataTreeProps) {
  return (
    <div className="panel relative overflow-hidden p-3 font-mono text-xs leading-5">
      <CopyButton
        text={() => JSON.stringify(value, null, 2)}
        what={label}
        className="absolute top-2 right-2 bg-surface"
      />
      <div className="pr-8">
        {isBranch(value) && sizeOf(value) > 0 ? <Members value={value} depth={0} /> : <Leaf value={value} />}
      </div>
    </div>
  );
}

interface MembersProps {
  readonly value: Branch;
  readonly depth: number;
}

function Members({ value, depth }: MembersProps) {
  const [shown, setShown] = useState(PAGE);
  const total = sizeOf(value);
  return (
    <ul className={classes("m-0 list-none p-0", depth > 0 && "ml-[7px] border-line border-l pl-3")}>
      {membersOf(value, shown).map(([name, member]) => (
        <Member key={name} name={name} value={member} depth={depth} />
      ))}
      {total > shown && (
        <li className="pl-4">
          <More onClick={() => setShown(shown + 10 * PAGE)}>
            Show {count(Math.min(10 * PAGE, total - shown))} more of {count(total)}
          </More>
        </li>
      )}
    </ul>
  );
}

interface MemberProps {
  readonly name: string;
  readonly value: Json;
  readonly depth: number;
}

function Member({ name, value, depth }: MemberProps) {
  const size = isBranch(value) ? sizeOf(value) : 0;
  const [isOpen, setOpen] = useState(depth + 1 < OPEN_DEPTH && size <= OPEN_MEMBERS);
  if (!isBranch(value) || size === 0) {
    return (
      <li className="flex min-h-6 min-w-0 items-start gap-1.5 py-0.5 pl-4">
        <Name name={name} />
        <Leaf value={value} />
      </li>
    );
  }
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        className="flex min-h-6 max-w-full items-center gap-1.5 rounded pr-2 text-left hover:bg-sunken"
        onClick={() => setOpen(!isOpen)}
      >
        <ChevronRight aria-hidden size={14} className={classes("-mr-1 -ml-px shrink-0", isOpen && "rotate-90")} />
        <Name name={name} />
        <span className="shrink-0 text-muted">
          {Array.isArray(value) ? plural(size, "item") : plural(size, "member")}
        </span>
      </button>
      {isOpen && <Members value={value} depth={depth + 1} />}
    </li>
  );
}

function Name({ name }: { readonly name: string }) {
  return (
    <span className="max-w-[32ch] shrink-0 truncate text-muted" title={name}>
      <bdi>{name}</bdi>:
    </span>
  );
}

function Leaf({ value }: { readonly value: Json }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== "string") return <span className={lookOf(value)}>{wordOf(value)}</span>;
  const isCut = value.length > TEXT_SHOWN && !isWhole;
  return (
    <span className="min-w-0 flex-1 break-words text-succeeded">
      <bdi className="whitespace-pre-wrap">“{isCut ? `${value.slice(0, TEXT_SHOWN)}…` : value}”</bdi>
      {isCut && <More onClick={() => setWhole(true)}>Show all {count(value.length)} characters</More>}
    </span>
  );
}

function More({ onClick, children }: { readonly onClick: () => void; readonly children: ReactNode }) {
  return (
    <button type="button" className="min-h-6 rounded px-1 text-accent hover:bg-sunken" onClick={onClick}>
      {children}
    </button>
  );
}

function lookOf(value: Json): string {
  if (typeof value === "number") return "figures text-running";
  return typeof value === "boolean" ? "text-undo" : "text-muted";
}

function wordOf(value: Json): string {
  if (Array.isArray(value)) return "empty list";
  return typeof value === "object" && value !== null ? "empty object" : String(value);
}

const sizeOf = (value: Branch): number => (Array.isArray(value) ? value.length : Object.keys(value).length);

const membersOf = (value: Branch, most: number): readonly (readonly [name: string, value: Json])[] =>
  Array.isArray(value)
    ? value.slice(0, most).map((member, index) => [String(index), member])
    : Object.entries(value).slice(0, most);
