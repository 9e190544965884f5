// Steers jobs of a list: asks before harm, in a dialog that closes by itself when the job has moved on and the action is gone.
import { type ReactNode, useCallback, useEffect, useState } from "react";
import type { Action, JobSummary } from "../../src/client/index.ts";
import { announce } from "../data/announce.ts";
import { cachedJob, useJob } from "../data/job-cache.ts";
import { ACTION_VIEWS } from "../state/actions.ts";
import { AskPanel } from "./ask-panel.tsx";
import { Dialog } from "./dialog.tsx";
import { useActions } from "./job-actions.tsx";
import { useControl } from "./use-control.ts";

interface Steering {
  /** Asks at once, or has a person say why before. Does nothing where the job does not allow it. */
  readonly act: (id: string, action: Action) => void;
  /** To be shown with the list. */
  readonly dialog: ReactNode;
}

export function useSteering(): Steering {
  const control = useControl();
  const [asking, setAsking] = useState<{ readonly id: string; readonly action: Action }>();
  const stopAsking = useCallback(() => setAsking(undefined), []);
  const act = useCallback(
    (id: string, action: Action) => {
      const job = cachedJob(id);
      if (!job?.allowedActions.includes(action)) return;
      if (ACTION_VIEWS[action].asks) setAsking({ id, action });
      else void control(job, action);
    },
    [control],
  );
  return { act, dialog: asking && <AskDialog {...asking} onClose={stopAsking} /> };
}

interface AskDialogProps {
  readonly id: string;
  readonly action: Action;
  readonly onClose: () => void;
}

function AskDialog({ id, ...rest }: AskDialogProps) {
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
