// A moment, relative to now, with the exact one on hover.
import { useReadNow } from "../data/use-now.ts";
import { absolute, age, relative } from "../format/duration.ts";

interface TimeTextProps {
  readonly at: string | number;
  /** How old it is alone, for columns that say so: `3 m`, and not `3 m ago`. */
  readonly short?: boolean;
}

export function TimeText({ at, short = false }: TimeTextProps) {
  const ms = typeof at === "number" ? at : Date.parse(at);
  const text = useReadNow((now) => (short && ms <= now ? age(now - ms) : relative(ms, now)));
  return (
    <time dateTime={new Date(ms).toISOString()} title={absolute(ms)} className="figures whitespace-nowrap">
      {text}
    </time>
  );
}
