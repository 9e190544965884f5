// Text of a file as messages show it: quoted, short, and with nothing in it that cannot be seen. Files hold cells of a
// megabyte, and characters without a glyph are often what is wrong with them.

const LONGEST = 200;
const MOST_NAMES = 20;
/** What JSON does not escape and nobody sees: formats such as the byte order mark, and spaces that look like a space. */
const INVISIBLE = /[\p{Cf}\p{Z}]/gu;

/** At most 200 characters, and whole ones. */
export function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, "")}…` : text;
}

/** In quotes, shortened, with escapes for what cannot be seen. */
export function shown(text: string): string {
  return JSON.stringify(shortened(text)).replace(INVISIBLE, (sign) => (sign === " " ? sign : escaped(sign)));
}

const escaped = (sign: string) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`;

/** Each in quotes; of many, the first ones. */
export function shownNames(names: readonly string[]): string {
  const first = names.slice(0, MOST_NAMES).map(shown).join(", ");
  return names.length > MOST_NAMES ? `${first} and ${names.length - MOST_NAMES} more` : first;
}

/** As they are, for the details of an error; of many, the first ones. */
export const firstNames = (names: readonly string[]): readonly string[] => names.slice(0, MOST_NAMES).map(shortened);
