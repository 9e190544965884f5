// What a process prints, line by line. A flood is read slowly, so that it holds up the process that prints and nobody else,
// and no more than one line's length of it is kept.
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import type { IsolatedJob } from "../ports/isolation.ts";

export interface Output {
  /** The line on stderr that tells most about the end of the process: the last one, or V8's own. */
  readonly lastError: string | null;
  /** Hands over what stands without a line's end; nothing is read any more. */
  end(): void;
}

/** Longer lines are cut. */
const LINE_LENGTH = 8_192;
/** After this many bytes, reading pauses: at most 10 MB a second. */
const BURST_BYTES = 262_144;
const PAUSE_MS = 25;
/** How V8 says why it gives up; a long trace follows. */
const FATAL = "FATAL ERROR";

export function followOutput(process: ChildProcess, { clock, onLine }: Pick<IsolatedJob, "clock" | "onLine">): Output {
  let lastError: string | null = null;
  const onError = (line: string) => {
    if (line.trim() !== "" && !lastError?.startsWith(FATAL)) lastError = line;
    onLine("stderr", line);
  };
  const streams = [
    follow(process.stdout, clock, (line) => onLine("stdout", line)),
    follow(process.stderr, clock, onError),
  ];
  return {
    get lastError() {
      return lastError;
    },
    end() {
      for (const stream of streams) stream.end();
    },
  };
}

function follow(stream: Readable | null, clock: IsolatedJob["clock"], onLine: (line: string) => void) {
  let rest = "";
  let burst = 0;
  const take = (text: string) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(0, LINE_LENGTH);
    for (const line of lines) onLine(line.slice(0, LINE_LENGTH).replace(/\r$/, ""));
  };
  stream?.setEncoding("utf8");
  stream?.on("error", () => {});
  stream?.on("data", (text: string) => {
    take(text);
    burst += text.length;
    if (burst < BURST_BYTES) return;
    burst = 0;
    stream.pause();
    clock.after(PAUSE_MS, () => stream.resume());
  });
  return {
    end() {
      stream?.removeAllListeners("data");
      stream?.destroy();
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}
