// An error: what happened, what Pawl did, what to do.
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { problemText } from "../data/problem.ts";
import { Button } from "./button.tsx";

interface ProblemNoticeProps {
  readonly problem: unknown;
  /** What was tried, such as "The jobs could not be read". */
  readonly what: string;
  readonly onRetry?: () => void;
  readonly children?: ReactNode;
}

export function ProblemNotice({ problem, what, onRetry, children }: ProblemNoticeProps) {
  return (
    <div
      role="alert"
      className="flex items-start gap-3 rounded border border-failed bg-failed-tint p-3 text-failed text-sm"
    >
      <TriangleAlert aria-hidden size={18} className="mt-0.5 shrink-0" />
      <div className="min-w-0 flex-1">
        <p className="m-0 font-semibold">{what}</p>
        <p className="m-0 break-words">{problemText(problem)}</p>
        {children}
      </div>
      {onRetry && (
        <Button small onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
