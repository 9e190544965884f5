// Moves the focus to the heading of a page that a person came to, so that the keyboard begins there and a reader of the
// screen hears where they are. Not on the first page, where the browser does it, and once for each page.
import { type RefObject, useEffect } from "react";

let present: string | undefined;

export function usePageFocus(heading: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const { pathname } = location;
    const before = present;
    present = pathname;
    if (before !== undefined && before !== pathname) heading.current?.focus({ preventScroll: true });
  }, [heading]);
}
