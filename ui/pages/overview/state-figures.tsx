// How many jobs are in which state. Each figure leads to its jobs.
import { Link } from "@tanstack/react-router";
import type { Stats } from "../../../src/client/index.ts";
import { count } from "../../format/number.ts";
import { classes } from "../../parts/class-names.ts";
import { TONE_FILLS } from "../../parts/tone-classes.ts";
import { STATE_VIEWS, STATES_IN_ORDER } from "../../state/state-view.ts";

export function StateFigures({ stats }: { readonly stats: Stats | undefined }) {
  return (
    <section aria-label="Jobs by state" className="grid grid-cols-5 gap-2 max-sm:grid-cols-2">
      {STATES_IN_ORDER.map((state) => {
        const { word, tone } = STATE_VIEWS[state];
        const jobs = stats?.states[state];
        return (
          <Link
            key={state}
            to="/jobs"
            search={{ state }}
            className="panel relative flex min-h-16 flex-col justify-between overflow-hidden px-4 py-2 text-ink no-underline hover:border-line-strong max-sm:min-h-11 max-sm:flex-row max-sm:items-center max-sm:pr-3 max-sm:pl-3.5"
          >
            <span
              aria-hidden
              className={classes("absolute inset-y-0 left-0 w-[3px]", jobs ? TONE_FILLS[tone] : "bg-line")}
            />
            <span className="text-muted text-sm">{word}</span>
            <span
              className={classes(
                "figures text-figure max-sm:text-lg",
                jobs ? "font-semibold" : "font-normal text-muted",
              )}
            >
              {jobs === undefined ? " " : count(jobs)}
            </span>
          </Link>
        );
      })}
    </section>
  );
}
