// A text with the parts marked that were searched for.
import { Fragment } from "react";

interface MarkedTextProps {
  readonly text: string;
  readonly sought: string | undefined;
}

/** Marks in one text; more would be no help. */
const MARKS = 100;

export function MarkedText({ text, sought }: MarkedTextProps) {
  if (sought === undefined) return text;
  const parts = partsOf(text, sought.toLowerCase());
  return parts.map(({ at, plain, marked }) => (
    <Fragment key={at}>
      {plain}
      {marked !== "" && <mark className="rounded-sm bg-paused-tint text-paused">{marked}</mark>}
    </Fragment>
  ));
}

interface Part {
  readonly at: number;
  readonly plain: string;
  readonly marked: string;
}

function partsOf(text: string, sought: string): readonly Part[] {
  const parts: Part[] = [];
  const lower = text.toLowerCase();
  // Some letters change their length with their case: then what is where is not known.
  if (lower.length !== text.length) return [{ at: 0, plain: text, marked: "" }];
  let at = 0;
  for (let found = lower.indexOf(sought); found >= 0 && parts.length < MARKS; found = lower.indexOf(sought, at)) {
    const end = found + sought.length;
    parts.push({ at, plain: text.slice(at, found), marked: text.slice(found, end) });
    at = end;
  }
  return [...parts, { at, plain: text.slice(at), marked: "" }];
}
