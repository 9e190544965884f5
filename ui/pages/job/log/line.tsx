// One line of the log: number, time, level, what it says, and its fields.
import { memo } from "react";
import type { LogLevel, LogLine } from "../../../../src/client/index.ts";
import { absolute } from "../../../format/duration.ts";
import { classes } from "../../../parts/class-names.ts";
import { MarkedText } from "./marked-text.tsx";
import { fieldsText } from "./shown-lines.ts";

interface LineProps {
  readonly line: LogLine;
  readonly sought: string | undefined;
  readonly isPointed: boolean;
  readonly onPoint: (seq: number) => void;
}

const LEVEL_LOOKS: Readonly<Record<LogLevel, string>> = {
  debug: "text-muted",
  info: "text-muted",
  warn: "text-paused",
  error: "font-semibold text-failed",
};

const ROW_LOOKS: Readonly<Record<LogLevel, string>> = {
  debug: "",
  info: "",
  warn: "bg-paused-tint/60",
  error: "bg-failed-tint/60",
};

/** Characters of a message, and of its fields, that are shown. The download has all of them. */
const SHOWN = 4_000;

const cut = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

const TIME = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

export const Line = memo(function Line({ line, sought, isPointed, onPoint }: LineProps) {
  const { seq, at, level, message } = line;
  const fields = fieldsText(line.fields);
  return (
    <div
      className={classes(
        "flex min-h-6 items-start gap-3 px-3 py-0.5 leading-5 max-sm:flex-wrap max-sm:gap-x-2 max-sm:gap-y-0",
        ROW_LOOKS[level],
        isPointed && "shadow-[inset_3px_0_0_var(--accent)]",
      )}
    >
      <a
        href={`?line=${seq}`}
        tabIndex={-1}
        aria-label={`Line ${seq}: link to it`}
        aria-current={isPointed || undefined}
        className="figures min-w-[5ch] shrink-0 text-right text-muted no-underline hover:text-accent hover:underline max-sm:hidden"
        onClick={(event) => {
          event.preventDefault();
          onPoint(seq);
        }}
      >
        {seq}
      </a>
      <time className="figures shrink-0 text-muted" title={absolute(at)}>
        {TIME.format(at)}
      </time>
      <span className={classes("w-[5ch] shrink-0", LEVEL_LOOKS[level])}>{level}</span>
      <span className="min-w-0 flex-1 whitespace-pre-wrap break-words max-sm:basis-full">
        <bdi>
          <MarkedText text={cut(message)} sought={sought} />
        </bdi>
        {fields !== null && (
          <bdi className="ml-2 text-muted">
            <MarkedText text={cut(fields)} sought={sought} />
          </bdi>
        )}
      </span>
    </div>
  );
});
