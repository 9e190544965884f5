// Which job it is: its type, which leads to it, its labels, and its key or id. While the link has the focus, the row that it
// stands in is outlined: the row is the containing block.
import { Link } from "@tanstack/react-router";
import type { JobSummary } from "../../src/client/index.ts";
import { classes } from "./class-names.ts";

interface JobNameProps {
  readonly job: JobSummary;
  /** What the space bar does while the link has the focus. */
  readonly onSpace?: (() => void) | undefined;
}

const LABELS_SHOWN = 1;

export function JobName({ job: { id, type, key, labels }, onSpace }: JobNameProps) {
  const all = Object.entries(labels);
  const rest = all.length - LABELS_SHOWN;
  return (
    <>
      <span className="flex min-w-0 items-center gap-1.5">
        <Link
          to="/jobs/$id"
          params={{ id }}
          data-open
          className="min-w-0 max-w-full shrink-0 truncate font-medium text-ink no-underline outline-none hover:underline focus-visible:after:pointer-events-none focus-visible:after:absolute focus-visible:after:inset-0 focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:-outline-offset-2 focus-visible:after:content-['']"
          onKeyDown={(event) => {
            if (event.key !== " " || !onSpace) return;
            event.preventDefault();
            onSpace();
          }}
        >
          <bdi>{type}</bdi>
        </Link>
        {all.slice(0, LABELS_SHOWN).map(([name, value]) => (
          <span
            key={name}
            title={textOf(all)}
            className="min-w-0 truncate rounded border border-line px-1 text-[11px] text-muted leading-4"
          >
            <bdi>
              {name}: {value}
            </bdi>
          </span>
        ))}
        {rest > 0 && (
          <span title={textOf(all)} className="shrink-0 text-[11px] text-muted">
            +{rest}
          </span>
        )}
      </span>
      <span className={classes("block truncate text-muted text-xs", key === null && "font-mono")} title={key ?? id}>
        <bdi>{key ?? id}</bdi>
      </span>
    </>
  );
}

const textOf = (labels: readonly (readonly [string, string])[]): string =>
  labels.map(([name, value]) => `${name}: ${value}`).join("\n");
