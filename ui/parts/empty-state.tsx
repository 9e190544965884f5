// Where there is nothing: what that means, and what to do next.
import type { ReactNode } from "react";

interface EmptyStateProps {
  readonly title: string;
  readonly children?: ReactNode;
}

export function EmptyState({ title, children }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <p className="m-0 font-medium text-base">{title}</p>
      <div className="flex max-w-[min(72ch,100%)] flex-col items-center gap-3 text-muted text-sm">{children}</div>
    </div>
  );
}

/** A command to type, which can be selected whole. */
export function Command({ children }: { readonly children: string }) {
  return (
    <code className="block max-w-full select-all wrap-anywhere whitespace-pre-wrap rounded border border-line bg-sunken px-3 py-2 text-left font-mono text-ink text-xs">
      {children}
    </code>
  );
}
