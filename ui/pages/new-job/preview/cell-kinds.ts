// What a cell of a CSV file looks like to a person. It may look like several things: "447700900123" is a number, and a phone
// number.

export const KINDS = ["email", "url", "date", "phone", "boolean", "number"] as const;
export type Kind = (typeof KINDS)[number];

/** No such text is longer. */
const LONGEST = 200;

const EMAIL = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+$/;
const URL_TEXT = /^(?:https?:\/\/|www\.)\S+$/i;
const BOOLEAN = /^(?:true|false|yes|no|1|0)$/i;
/** With thousands, and in either way of writing decimals. */
const NUMBER =
  /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?)(?:e[+-]?\d+)?$/i;
const TIME_AFTER = "(?:[T ,]\\s*\\d{1,2}:\\d{2}.*)?";
const MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?";
const DATES = [
  new RegExp(`^(?:1[5-9]|2\\d)\\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\\d|3[01])${TIME_AFTER}$`, "i"),
  new RegExp(
    `^(?:0?[1-9]|[12]\\d|3[01])[-/.](?:0?[1-9]|[12]\\d|3[01])[-/.](?:(?:1[5-9]|2\\d)\\d{2}|\\d{2})${TIME_AFTER}$`,
    "i",
  ),
  new RegExp(`^\\d{1,2}[ -]${MONTH}[ -,]+\\d{2,4}${TIME_AFTER}$`, "i"),
  new RegExp(`^${MONTH} \\d{1,2},? \\d{4}${TIME_AFTER}$`, "i"),
];
const COMPACT_DATE = /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
const PHONE_SIGNS = /^(?:tel:)?\+?[\d\s()./-]+(?:\s*(?:x|ext\.?)\s*\d{1,6})?$/i;
const ADDRESS_V4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** The likeliest first; none for text and for nothing. */
export function kindsOf(cell: string): readonly Kind[] {
  const text = cell.trim();
  if (text === "" || text.length > LONGEST) return [];
  if (EMAIL.test(text)) return ["email"];
  if (URL_TEXT.test(text)) return ["url"];
  if (DATES.some((date) => date.test(text))) return ["date"];
  const kinds: Kind[] = [];
  if (NUMBER.test(text)) kinds.push("number");
  if (COMPACT_DATE.test(text)) kinds.push("date");
  if (BOOLEAN.test(text)) kinds.push("boolean");
  const phone = phoneLikeness(text);
  if (phone === "sure") kinds.unshift("phone");
  if (phone === "possible") kinds.push("phone");
  return kinds;
}

function phoneLikeness(text: string): "sure" | "possible" | "none" {
  if (!PHONE_SIGNS.test(text) || ADDRESS_V4.test(text)) return "none";
  const digits = text.replace(/(?:x|ext).*$/i, "").replaceAll(/\D/g, "");
  if (digits.length < 7 || digits.length > 15) return "none";
  if (/^(?:tel:)?(?:\+|00|\(|0\d)/.test(text)) return "sure";
  if (/^\d+$/.test(text)) return digits.length >= 9 ? "possible" : "none";
  return NUMBER.test(text) ? "none" : "sure";
}
