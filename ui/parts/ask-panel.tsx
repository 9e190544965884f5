// What is asked before harm: what will happen, in numbers, and why it is wanted. The verb itself stands on the button.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Action, JobSummary } from "../../src/client/index.ts";
import { READS } from "../data/server.ts";
import { count } from "../format/number.ts";
import { Button } from "./button.tsx";
import { classes } from "./class-names.ts";
import { ReasonField } from "./reason-field.tsx";
import type { Said } from "./use-control.ts";

interface AskPanelProps {
  readonly job: JobSummary;
  readonly action: Action;
  readonly onSay: (said: Said) => void;
  readonly onClose: () => void;
  /** It stands in a dialog, which has a border already. */
  readonly isBare?: boolean;
}

const useCanRollback = (type: string): boolean => {
  const { data } = useQuery(READS.jobTypes);
  return data?.find(({ name }) => name === type)?.canRollback ?? false;
};

export function AskPanel({ job, action, onSay, onClose, isBare = false }: AskPanelProps) {
  const canUndo = useCanRollback(job.type) && job.startedAt !== null && job.phase === "forward";
  const stops = action === "cancel" || action === "terminate";
  const [reason, setReason] = useState("");
  const [undo, setUndo] = useState(true);
  const [from, setFrom] = useState<"checkpoint" | "start">("checkpoint");
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const rollback = stops && canUndo && undo;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const why = reason.trim();
    onSay({
      ...(why === "" ? {} : { reason: why }),
      ...(stops && canUndo ? { rollback: undo } : {}),
      ...(action === "retry" && job.state !== "rolled_back" ? { from } : {}),
    });
  };

  return (
    <form
      aria-label={`${verb(action, rollback)}: ${job.type} ${job.key ?? ""}`}
      className={classes("flex flex-col gap-3 text-left text-sm", !isBare && "panel border-line-strong p-4")}
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <p className="m-0">{consequence(job, action, rollback)}</p>
      {stops && canUndo && (
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={undo} onChange={(event) => setUndo(event.target.checked)} />
          Undo what it has done so far
        </label>
      )}
      {action === "retry" && job.state !== "rolled_back" && (
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={from === "start"}
            onChange={(event) => setFrom(event.target.checked ? "start" : "checkpoint")}
          />
          From the start, instead of from {count(job.progress.done)} {job.progress.unit ?? "done"}
        </label>
      )}
      <ReasonField ref={first} hint="Kept in the history." value={reason} onChange={setReason} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look={action === "retry" ? "primary" : "danger"}>
          {verb(action, rollback)}
        </Button>
        <Button look="quiet" onClick={onClose}>
          Leave it
        </Button>
      </div>
    </form>
  );
}

function verb(action: Action, rollback: boolean): string {
  switch (action) {
    case "cancel":
      return rollback ? "Stop and undo" : "Stop";
    case "terminate":
      return rollback ? "Stop at once and undo" : "Stop at once";
    case "retry":
      return "Run again";
    case "rollback":
      return "Undo";
    case "pause":
      return "Pause";
    case "resume":
      return "Resume";
  }
}

function consequence(job: JobSummary, action: Action, rollback: boolean): string {
  const done = `${count(job.progress.done)} ${job.progress.unit ?? "items"}`;
  switch (action) {
    case "cancel":
    case "terminate": {
      const how = action === "cancel" ? "It stops at its next checkpoint" : "It is stopped at once, without grace";
      if (job.phase === "rollback") return `${how}, and its rollback is given up: what is not yet undone stays.`;
      if (job.startedAt === null) return "It has not started: nothing has to be undone.";
      if (rollback) return `${how}. What it has done (${done}) is undone; what other jobs did stays.`;
      return `${how} for good. What it has done (${done}) stays.`;
    }
    case "retry":
      return job.state === "rolled_back"
        ? "It runs again, from the start."
        : `It runs again, with fresh attempts. It had done ${done}.`;
    case "rollback":
      return `What it has done (${done}) is undone; what other jobs did stays.`;
    case "pause":
      return "It stops at its next checkpoint, and can be resumed.";
    case "resume":
      return "It goes on from its checkpoint.";
  }
}
