// Asks before harm to a job of the list. It closes by itself when the job has moved on and the action is gone.
import { useEffect } from "react";
import type { Action, JobSummary } from "../../../src/client/index.ts";
import { announce } from "../../data/announce.ts";
import { useJob } from "../../data/job-cache.ts";
import { AskPanel } from "../../parts/ask-panel.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { useActions } from "../../parts/job-actions.tsx";
import { useControl } from "../../parts/use-control.ts";
import { ACTION_VIEWS } from "../../state/actions.ts";

interface AskDialogProps {
  readonly id: string;
  readonly action: Action;
  readonly onClose: () => void;
}

export function AskDialog({ id, ...rest }: AskDialogProps) {
  const job = useJob(id);
  return job ? <AskPresent job={job} {...rest} /> : <Gone onClose={rest.onClose} />;
}

function Gone({ onClose }: Pick<AskDialogProps, "onClose">) {
  useEffect(() => {
    announce("The job was deleted meanwhile.", "problem");
    onClose();
  }, [onClose]);
  return null;
}

function AskPresent({ job, action, onClose }: Omit<AskDialogProps, "id"> & { readonly job: JobSummary }) {
  const control = useControl();
  const { verb } = ACTION_VIEWS[action];
  const name = `${job.type} ${job.key ?? job.id}`;
  const isOffered = useActions(job).includes(action);
  useEffect(() => {
    if (isOffered) return;
    announce(`${verb} is no longer possible: ${name} has moved on.`, "problem");
    onClose();
  }, [isOffered, verb, name, onClose]);
  return (
    <Dialog title={`${verb}: ${name}`} onClose={onClose}>
      <AskPanel
        job={job}
        action={action}
        isBare
        onClose={onClose}
        onSay={(said) => {
          onClose();
          void control(job, action, said);
        }}
      />
    </Dialog>
  );
}
