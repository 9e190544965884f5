// Deleting a finished job, asked in place as other harm is.
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { JobSummary } from "../../../src/client/index.ts";
import { announce } from "../../data/announce.ts";
import { dropJobs } from "../../data/job-cache.ts";
import { problemText } from "../../data/problem.ts";
import { server } from "../../data/server.ts";
import { Button } from "../../parts/button.tsx";

interface DeletePanelProps {
  readonly job: JobSummary;
  readonly onClose: () => void;
}

export function DeletePanel({ job, onClose }: DeletePanelProps) {
  const navigate = useNavigate();
  const [isBusy, setBusy] = useState(false);
  const leave = useRef<HTMLButtonElement>(null);
  useEffect(() => leave.current?.focus(), []);
  const isHalfUndone = job.state === "rollback_failed";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await server.remove(job.id, isHalfUndone ? { force: true } : {});
      await navigate({ to: "/jobs" });
      dropJobs([job.id]);
      announce(`Deleted: ${job.type} ${job.key ?? job.id}.`);
    } catch (problem) {
      announce(`The job was not deleted. ${problemText(problem)}`, "problem");
      setBusy(false);
    }
  };

  return (
    <form
      aria-label={`Delete: ${job.type} ${job.key ?? ""}`}
      className="panel flex flex-col gap-3 border-line-strong p-4 text-sm"
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <p className="m-0">
        The job is deleted for good, with its history, its log and its files. What it did elsewhere stays.
        {isHalfUndone && " Its rollback has failed: nothing will tell any more what of it may still be there."}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="danger" disabled={isBusy}>
          Delete the job
        </Button>
        <Button ref={leave} look="quiet" onClick={onClose}>
          Leave it
        </Button>
      </div>
    </form>
  );
}
