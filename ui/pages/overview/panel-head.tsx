// The head of a box that shows a few of many: what they are, and the link to all of them.
import type { ReactNode } from "react";

interface PanelHeadProps {
  /** By which the box is named. */
  readonly id: string;
  readonly title: string;
  /** The link. */
  readonly children: ReactNode;
}

export function PanelHead({ id, title, children }: PanelHeadProps) {
  return (
    <div className="flex items-baseline justify-between gap-4 border-line border-b px-4 py-3">
      <h2 id={id} className="m-0 font-semibold text-base">
        {title}
      </h2>
      {children}
    </div>
  );
}
