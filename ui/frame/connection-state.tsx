// Whether what is shown is live. A banner says so when it is not: an operator must not act on old figures unawares. It lies
// over the page, so that nothing moves when it comes and goes.
import { useLiveState } from "../data/live.ts";
import { problemText } from "../data/problem.ts";
import { useReadNow } from "../data/use-now.ts";
import { age } from "../format/duration.ts";
import { classes } from "../parts/class-names.ts";

const WORDS = { connecting: "Connecting", live: "Live", broken: "Reconnecting", resting: "Resting" } as const;
const DOTS = {
  connecting: "bg-waiting",
  live: "bg-succeeded",
  broken: "bg-failed",
  resting: "bg-waiting",
} as const;
/** Shorter gaps than this are not worth a banner. */
const QUIET_MS = 1_000;

export function ConnectionState() {
  const { kind } = useLiveState();
  return (
    <span role="status" className="flex items-center gap-2 px-2 text-muted text-sm sm:min-w-[118px] sm:justify-end">
      <span aria-hidden className={classes("size-2 rounded-full", DOTS[kind])} />
      <span className="max-sm:sr-only">{WORDS[kind]}</span>
    </span>
  );
}

export function ConnectionBanner() {
  const live = useLiveState();
  const since = live.kind === "broken" ? live.since : null;
  const isLong = useReadNow((now) => since !== null && now - since >= QUIET_MS);
  if (live.kind !== "broken" || !isLong) return null;
  return (
    <div className="pointer-events-none fixed inset-x-0 top-[58px] z-40 flex justify-center px-3 sm:pl-20 max-sm:top-auto max-sm:bottom-20">
      <div className="pointer-events-auto flex max-w-[880px] gap-3 rounded border border-paused bg-paused-tint px-4 py-2 text-paused text-sm shadow-md">
        <p role="alert" className="m-0 min-w-0 break-words">
          <strong className="font-semibold">Reconnecting.</strong> What you see may be old. Jobs go on; what you ask for
          is sent as soon as the server answers. <span className="max-sm:hidden">({problemText(live.problem)})</span>
        </p>
        <Age since={live.since} />
      </div>
    </div>
  );
}

/** Apart from the alert, which would be said anew each second. */
function Age({ since }: { readonly since: number }) {
  const text = useReadNow((now) => age(now - since));
  return (
    <span aria-hidden className="figures ml-auto shrink-0 whitespace-nowrap font-semibold">
      {text}
    </span>
  );
}
