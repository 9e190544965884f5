// Keys that do something on a page. Never while a person types, and never with a modifier: those are the browser's.
import { useEffect, useRef } from "react";

export type Shortcuts = Readonly<Record<string, () => void>>;

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
/** What presses the thing that has the focus. */
const PRESSES: ReadonlySet<string> = new Set(["Enter", " "]);
const PRESSED = "a, button, input, summary, [role=button], [role=tab]";

/** Calls what belongs to a pressed key while the component is shown. Keys as in `KeyboardEvent.key`. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const present = useRef(shortcuts);
  present.current = shortcuts;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const { target, key } = event;
      if (target instanceof Element && target.closest(PRESSES.has(key) ? `${TYPING}, ${PRESSED}` : TYPING)) return;
      // A dialog has the keyboard to itself.
      if (document.querySelector("dialog[open]")) return;
      const act = Object.hasOwn(present.current, key) ? present.current[key] : undefined;
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
