import { CircleX, TriangleAlert } from "lucide-react";
import { classes } from "../../../parts/class-names.ts";
import type { Finding } from "./preview-findings.ts";

/** A mark: shape and words, in the colour of how bad it is. */
export function FindingText({ finding: { severity, text } }: { readonly finding: Finding }) {
  const Icon = severity === "refused" ? CircleX : TriangleAlert;
  return (
    <span
      className={classes(
        "flex items-start gap-1.5 font-medium text-xs",
        severity === "refused" ? "text-failed" : "text-paused",
      )}
    >
      <Icon aria-hidden size={14} className="mt-px shrink-0" />
      <span className="min-w-0 break-words">
        <bdi>{text}</bdi>
      </span>
    </span>
  );
}
