// What will be started: what the type is and can do, where and when the job runs, and the request as it will be sent.
import { type ReactNode, useId, useState } from "react";
import type { JobTypeInfo, Json } from "../../../src/client/index.ts";
import { useSession } from "../../data/session.ts";
import { absolute, duration } from "../../format/duration.ts";
import { count, plural } from "../../format/number.ts";
import { classes } from "../../parts/class-names.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { curlText, type LocalFile } from "./request-text.ts";

interface WhatStartsProps {
  readonly type: JobTypeInfo;
  /** Without `type`, and without secrets. */
  readonly request: { readonly [name: string]: Json };
  readonly localFiles: readonly LocalFile[];
  /** The button that starts it, and what stands in its way. */
  readonly children: ReactNode;
}

export function WhatStarts({ type, request, localFiles, children }: WhatStartsProps) {
  const titleId = useId();
  return (
    <section
      aria-labelledby={titleId}
      className="panel flex min-w-0 flex-col gap-4 p-4 lg:sticky lg:top-[72px] lg:max-h-[calc(100dvh-88px)] lg:overflow-y-auto"
    >
      <h2 id={titleId} className="m-0 font-semibold text-base">
        What will be started
      </h2>
      <div className="flex flex-col gap-1">
        <p className="m-0 break-words font-medium text-sm">
          <bdi>{type.title}</bdi> <code className="ml-1 font-mono font-normal text-muted text-xs">{type.name}</code>
        </p>
        <p className="m-0 break-words text-muted text-sm">
          <bdi>{type.description}</bdi>
        </p>
      </div>
      <Facts type={type} request={request} />
      <div className="flex flex-col gap-2">{children}</div>
      <RequestText type={type} request={request} localFiles={localFiles} />
    </section>
  );
}

function Facts({ type, request }: Pick<WhatStartsProps, "type" | "request">) {
  const { defaults } = type;
  const { queue, availableAt, maxAttempts, timeoutMs } = request;
  const attempts = typeof maxAttempts === "number" ? maxAttempts : defaults.maxAttempts;
  const timeout = typeof timeoutMs === "number" ? timeoutMs : defaults.timeoutMs;
  const startAt = typeof availableAt === "string" ? Date.parse(availableAt) : Number.NaN;
  return (
    <dl className="m-0 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
      <Fact name="Starts" value={Number.isNaN(startAt) ? "As soon as a worker is free" : absolute(startAt)} />
      <Fact name="Queue" value={typeof queue === "string" ? queue : defaults.queue} />
      <Fact name="Pause" value={type.canPause ? "Can be paused, and goes on where it stopped" : "Cannot be paused"} />
      <Fact name="Undo" value={type.canRollback ? "What it did can be rolled back" : "Cannot be undone"} />
      <Fact name="Attempts" value={count(attempts)} />
      {timeout !== null && <Fact name="Timeout" value={`${duration(timeout)} an attempt`} />}
      {type.concurrency.total !== null && (
        <Fact name="Limit" value={`${plural(type.concurrency.total, "job")} of the type at once`} />
      )}
      {type.isolation === "process" && <Fact name="Runs" value="In a process of its own" />}
    </dl>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="figures m-0 break-words">
        <bdi>{value}</bdi>
      </dd>
    </>
  );
}

const FORMS = ["JSON", "curl"] as const;

function RequestText({ type, request, localFiles }: Omit<WhatStartsProps, "children">) {
  const { data: session } = useSession();
  const [form, setForm] = useState<(typeof FORMS)[number]>("JSON");
  const whole = { type: type.name, ...request };
  const text =
    form === "JSON"
      ? JSON.stringify(whole, null, 2)
      : curlText({
          origin: location.origin,
          request: withoutFiles(whole, localFiles),
          files: localFiles,
          isSignedIn: session?.signedIn === true,
        });
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="m-0 mr-auto font-medium text-sm">The request</h3>
        <fieldset className="m-0 flex rounded border border-line p-0.5">
          <legend className="sr-only">Shown as</legend>
          {FORMS.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === form}
              onClick={() => setForm(one)}
              className={classes(
                "h-6 rounded px-2 text-xs",
                one === form ? "bg-sunken font-medium text-ink" : "text-muted hover:text-ink",
              )}
            >
              {one}
            </button>
          ))}
        </fieldset>
        <CopyButton text={text} what="request" />
      </div>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
        tabIndex={0}
        className="m-0 max-h-[280px] overflow-auto whitespace-pre-wrap break-words rounded border border-line bg-sunken px-3 py-2 font-mono text-xs"
      >
        {text}
      </pre>
    </div>
  );
}

/** The command names files of this computer by a field of their own. */
function withoutFiles(request: { readonly [name: string]: Json }, files: readonly LocalFile[]): Json {
  const { input } = request;
  if (files.length === 0 || input === null || typeof input !== "object" || Array.isArray(input)) return request;
  const left = Object.entries(input).filter(([name]) => !files.some(({ field }) => field === name));
  return { ...request, input: Object.fromEntries(left) };
}
