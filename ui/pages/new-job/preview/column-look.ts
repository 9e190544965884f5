// What the cells of a column look like as a whole, and what its name promises.
import { type CellType, fitsType } from "../../../../src/jobs/cell-types.ts";
import { KINDS, type Kind, kindsOf } from "./cell-kinds.ts";

/** `text`: words and whatever has no other kind. `mixed`: no kind that most cells share. */
export type Look = Kind | "text" | "mixed" | "empty";

export interface ColumnLook {
  readonly look: Look;
  /** All that most of its cells may be taken for. */
  readonly kinds: readonly (Kind | "text")[];
  readonly filled: number;
}

/** So much of a column makes it what it is. */
const MOST = 0.8;

export function lookOf(cells: readonly string[]): ColumnLook {
  const filled = cells.filter((cell) => cell.trim() !== "").map(kindsOf);
  if (filled.length === 0) return { look: "empty", kinds: [], filled: 0 };
  const most = filled.length * MOST;
  const kinds = KINDS.filter((kind) => filled.filter((cell) => cell.includes(kind)).length >= most);
  if (kinds.length > 0) return { look: likeliest(kinds, filled), kinds, filled: filled.length };
  const texts = filled.filter((cell) => cell.length === 0).length;
  return texts >= most
    ? { look: "text", kinds: ["text"], filled: filled.length }
    : { look: "mixed", kinds: [], filled: filled.length };
}

/** The one that is the first guess of the most cells. */
function likeliest(kinds: readonly Kind[], cells: readonly (readonly Kind[])[]): Kind {
  const votes = (kind: Kind) => cells.filter(([first]) => first === kind).length;
  return kinds.reduce((best, kind) => (votes(kind) > votes(best) ? kind : best));
}

/** The type that a column which looks so would have; `null` where none is better than text. */
export function suggestedType(cells: readonly string[], { look }: ColumnLook): CellType | null {
  const candidates: readonly CellType[] =
    look === "date" ? ["date"] : look === "number" ? ["integer", "number"] : look === "boolean" ? ["boolean"] : [];
  return candidates.find((type) => cells.every((cell) => fitsType(cell, type))) ?? null;
}

const WORDS: Readonly<Record<Kind | "text", string>> = {
  phone: "phone phones telephone tel telefon telefone mobile cellphone fax handy",
  email: "email emails mail",
  url: "url website homepage",
  date: "date dates datum dob birthday birthdate born joined since created updated modified expires expiry registered geburtsdatum timestamp",
  number:
    "age amount price cost sum total quantity qty count points salary balance percent lat latitude lon lng longitude",
  boolean: "",
  text: "name firstname lastname surname city town street country company team",
};

const MEANINGS = new Map(
  [...KINDS, "text" as const].flatMap((kind) => WORDS[kind].split(" ").map((word) => [word, kind] as const)),
);

/** Words that make it another thing than the word before them says: a phone's type is no phone number. */
const TURNS = new Set(
  "type kind label status code id by country note notes comment provider format zone carrier ext extension verified confirmed valid consent opt hash domain source region language unit currency range".split(
    " ",
  ),
);

/** What a column called so should hold; `null` when the name does not say. */
export function promisedBy(name: string): Kind | "text" | null {
  const words = name
    .slice(0, 100)
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replaceAll(/e-mail/g, "email")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
  if (words[0] === "is" || words[0] === "has") return "boolean";
  const last = words.at(-1);
  if (words.length > 1 && (last === "at" || last === "on")) return "date";
  if (words.includes("user")) return null;
  for (const word of words.toReversed()) {
    if (TURNS.has(word)) return null;
    const meaning = MEANINGS.get(word);
    if (meaning !== undefined) return meaning;
  }
  return null;
}
