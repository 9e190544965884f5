// The job as the server tells it.
import { useState } from "react";
import type { Job, JobSummary } from "../../../src/client/index.ts";
import { count } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";

interface RawTabProps {
  readonly job: JobSummary;
  readonly whole: Job;
}

/** Characters shown at once. */
const SHOWN = 50_000;

export function RawTab({ job, whole }: RawTabProps) {
  const [isWhole, setWhole] = useState(false);
  const { input, output, error, artifacts } = whole;
  const text = JSON.stringify({ ...job, input, output, error, artifacts }, null, 2);
  const isCut = text.length > SHOWN && !isWhole;
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="panel relative w-full">
        <CopyButton text={text} what="JSON" className="absolute top-2 right-2 bg-surface" />
        <pre className="m-0 whitespace-pre-wrap break-all p-4 pr-10 font-mono text-xs leading-5">
          {isCut ? text.slice(0, SHOWN) : text}
        </pre>
      </div>
      {isCut && (
        <Button small onClick={() => setWhole(true)}>
          Show all {count(text.length)} characters
        </Button>
      )}
      <a href={`/api/v1/jobs/${encodeURIComponent(whole.id)}`} className="text-accent text-sm">
        Open it at its address of the API
      </a>
    </div>
  );
}
