// The head of a page: its title, what belongs beside it, and what can be done on it.
import { type ReactNode, useEffect, useRef } from "react";
import { usePageFocus } from "./use-page-focus.ts";

interface PageHeadProps {
  readonly title: string;
  /** Of the browser's tab, where it differs. */
  readonly tabTitle?: string;
  readonly beside?: ReactNode;
  readonly actions?: ReactNode;
}

export function PageHead({ title, tabTitle = title, beside, actions }: PageHeadProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  usePageFocus(heading);
  useEffect(() => {
    document.title = `${tabTitle} · Pawl`;
  }, [tabTitle]);
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-x-4 gap-y-2">
      <h1 ref={heading} tabIndex={-1} className="m-0 min-w-0 break-words font-semibold text-lg outline-none">
        {title}
      </h1>
      {beside}
      {actions !== undefined && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  );
}
