// Copies a text. A page that came over plain http from another machine is given no clipboard, and copies the old way.
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { announce } from "../data/announce.ts";
import { classes } from "./class-names.ts";

interface CopyButtonProps {
  /** What is copied; a function where it is costly to make. */
  readonly text: string | (() => string);
  /** What it is, such as "id". */
  readonly what: string;
  readonly className?: string;
}

const SHOWN_MS = 1_500;

export function CopyButton({ text, what, className }: CopyButtonProps) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isDone]);
  const Icon = isDone ? Check : Copy;
  return (
    <button
      type="button"
      aria-label={`Copy ${what}`}
      title={isDone ? "Copied" : `Copy ${what}`}
      className={classes(
        "inline-grid size-6 shrink-0 place-items-center rounded text-muted hover:bg-sunken hover:text-ink",
        className,
      )}
      onClick={() => {
        copy(typeof text === "string" ? text : text()).then(
          () => setDone(true),
          () => announce(`The ${what} could not be copied: the browser does not allow it.`, "problem"),
        );
      }}
    >
      <Icon aria-hidden size={13} />
    </button>
  );
}

async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("no clipboard");
}
