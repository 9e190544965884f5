// What of the log is shown, and its download.
import { ArrowDownToLine, Download } from "lucide-react";
import { useEffect, useState } from "react";
import type { LogLine } from "../../../../src/client/index.ts";
import { LOG_LEVELS, type LogLevel } from "../../../../src/domain/history.ts";
import { announce } from "../../../data/announce.ts";
import { problemText } from "../../../data/problem.ts";
import { server } from "../../../data/server.ts";
import { Button } from "../../../parts/button.tsx";
import type { JobSearch } from "../job-search.ts";
import { fieldsText } from "./shown-lines.ts";

interface LogBarProps {
  readonly jobId: string;
  readonly search: JobSearch;
  readonly follows: boolean;
  /** Whether no more lines will come. */
  readonly isOver: boolean;
  readonly onChange: (change: JobSearch) => void;
}

const SETTLED_MS = 200;
const LEVEL_WORDS: Readonly<Record<LogLevel, string>> = {
  debug: "All levels",
  info: "Info and above",
  warn: "Warnings and errors",
  error: "Errors",
};

export function LogBar({ jobId, search: { level, q = "" }, follows, isOver, onChange }: LogBarProps) {
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed sets the timer.
  useEffect(() => {
    if (text === q) return;
    const timer = setTimeout(() => onChange({ q: text === "" ? undefined : text }), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <input
        type="search"
        aria-label="Search the log"
        placeholder="Search the log"
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="h-8 w-[260px] rounded border border-line-strong bg-surface px-2 text-ink text-sm max-sm:w-full"
      />
      <select
        aria-label="Level"
        className="h-8 rounded border border-line-strong bg-surface px-2 text-ink text-sm"
        value={level ?? "debug"}
        onChange={(event) =>
          onChange({ level: LOG_LEVELS.find((name) => name !== "debug" && name === event.target.value) })
        }
      >
        {LOG_LEVELS.map((name) => (
          <option key={name} value={name}>
            {LEVEL_WORDS[name]}
          </option>
        ))}
      </select>
      <div className="ml-auto flex gap-2">
        {!isOver && (
          <Button
            small
            className="h-8"
            aria-pressed={follows}
            look={follows ? "plain" : "primary"}
            onClick={() => onChange(follows ? { follow: false } : { follow: undefined, line: undefined })}
          >
            <ArrowDownToLine aria-hidden size={14} />
            {follows ? "Following" : "Follow"}
          </Button>
        )}
        <DownloadButton jobId={jobId} />
      </div>
    </div>
  );
}

function DownloadButton({ jobId }: { readonly jobId: string }) {
  const [isBusy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    try {
      save(await wholeLog(jobId), `${jobId}.log`);
    } catch (problem) {
      announce(`The log could not be downloaded. ${problemText(problem)}`, "problem");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button small className="h-8" disabled={isBusy} onClick={() => void download()}>
      <Download aria-hidden size={14} />
      Download
    </Button>
  );
}

const PAGE = 10_000;

async function wholeLog(id: string): Promise<Blob> {
  const parts: string[] = [];
  for (let after = 0, read = PAGE; read === PAGE; ) {
    const lines = await server.logs(id, { after, limit: PAGE });
    parts.push(...lines.map(textOf));
    after = lines.at(-1)?.seq ?? after;
    read = lines.length;
  }
  return new Blob(parts, { type: "text/plain" });
}

function textOf(line: LogLine): string {
  const fields = fieldsText(line.fields);
  const message = fields === null ? line.message : `${line.message} ${fields}`;
  return `${new Date(line.at).toISOString()} ${line.level.toUpperCase().padEnd(5)} ${message}\n`;
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
