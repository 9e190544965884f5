// Texts of a file as they can be shown in a table: one line, not too long, with signs that would not be seen made visible.

const LONGEST = 120;
const SIGNS: Readonly<Record<string, string>> = { "\n": "⏎", "\r": "", "\t": "⇥" };

export function shownCell(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()}…` : text;
  return cut.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (sign) => SIGNS[sign] ?? "�",
  );
}
