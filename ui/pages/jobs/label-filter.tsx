// Filters by one label, typed as name:value. It takes effect when a person has stopped typing, once it names something.
import { useEffect, useId, useRef, useState } from "react";
import { LABEL_LENGTH } from "./jobs-search.ts";

interface LabelFilterProps {
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

const SETTLED_MS = 300;
const NAMES_SOMETHING = /^[^:]+:/;

export function LabelFilter({ value = "", onChange }: LabelFilterProps) {
  const [text, setText] = useState(value);
  const id = useId();
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => setText(value), [value]);
  const typed = text.trim();
  const isHalf = typed !== "" && !NAMES_SOMETHING.test(typed);
  useEffect(() => {
    if (typed === value || isHalf) return;
    const timer = setTimeout(() => change.current(typed || undefined), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [typed, isHalf, value]);
  return (
    <span className="relative max-sm:col-span-2">
      <input
        type="text"
        aria-label="Label"
        aria-invalid={isHalf}
        aria-describedby={isHalf ? id : undefined}
        placeholder="Label, as team:sales"
        maxLength={LABEL_LENGTH}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="h-8 w-[200px] rounded border border-line-strong bg-surface px-2 text-ink text-sm max-sm:w-full"
      />
      {isHalf && (
        <span
          id={id}
          className="panel absolute top-9 left-0 z-20 whitespace-nowrap border-line-strong px-2 py-1 text-muted text-xs"
        >
          name:value, such as team:sales
        </span>
      )}
    </span>
  );
}
