// The buttons of a job: exactly the actions that the server allows, as far as whoever looks may ask for them.
import { useState } from "react";
import type { Action, JobSummary } from "../../src/client/index.ts";
import { includes } from "../../src/domain/access.ts";
import { useSession } from "../data/session.ts";
import { ACTION_VIEWS, actionsOf } from "../state/actions.ts";
import { AskPanel } from "./ask-panel.tsx";
import { Button } from "./button.tsx";
import { useControl } from "./use-control.ts";

/** Tells of an action whether whoever looks may ask for it at all. */
export function useMayAsk(): (action: Action) => boolean {
  const { data: session } = useSession();
  return (action) => session !== undefined && includes(session.scope, ACTION_VIEWS[action].scope);
}

/** The actions that may be offered to whoever looks. */
export const useActions = (job: JobSummary): readonly Action[] => actionsOf(job).filter(useMayAsk());

interface AskedAction {
  /** What is being asked for, and waits for a person to say why. */
  readonly asking: Action | null;
  /** Asks at once, or has a person say why before. Does nothing where the action is not offered. */
  start(action: Action): void;
  readonly panel: React.ReactNode;
}

/** For buttons and keys alike. */
export function useAskedAction(job: JobSummary): AskedAction {
  const offered = useActions(job);
  const control = useControl();
  const [asking, setAsking] = useState<Action | null>(null);
  const isOpen = asking !== null && offered.includes(asking);
  return {
    asking: isOpen ? asking : null,
    start(action) {
      if (!offered.includes(action)) return;
      if (ACTION_VIEWS[action].asks) setAsking(action);
      else void control(job, action);
    },
    panel: isOpen ? (
      <AskPanel
        job={job}
        action={asking}
        onClose={() => setAsking(null)}
        onSay={(said) => {
          setAsking(null);
          void control(job, asking, said);
        }}
      />
    ) : null,
  };
}

interface JobActionsProps {
  readonly job: JobSummary;
  readonly onAction: (action: Action) => void;
  /** How many buttons at most; the likely ones come first. */
  readonly most?: number;
  readonly small?: boolean;
}

export function JobActions({ job, onAction, most = 6, small = false }: JobActionsProps) {
  return (
    <>
      {useActions(job)
        .slice(0, most)
        .map((action) => {
          const { verb, key } = ACTION_VIEWS[action];
          return (
            <Button
              key={action}
              small={small}
              {...(small ? {} : { shortcut: key })}
              aria-label={`${verb} ${job.type} ${job.key ?? job.id}`}
              onClick={(event) => {
                event.stopPropagation();
                onAction(action);
              }}
            >
              {verb}
            </Button>
          );
        })}
    </>
  );
}
