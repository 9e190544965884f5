// The preview of what will happen to the selected jobs, in numbers, and why it is wanted.
import { type FormEvent, useEffect, useState } from "react";
import type { Action, BulkAnswer } from "../../../src/client/index.ts";
import { announce } from "../../data/announce.ts";
import { problemText } from "../../data/problem.ts";
import { count, plural } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";
import { ReasonField } from "../../parts/reason-field.tsx";
import { ACTION_VIEWS } from "../../state/actions.ts";
import { carryOut, preview, type Selection } from "./bulk.ts";

interface BulkDialogProps {
  readonly selection: Selection;
  readonly action: Action;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

const HARMS: ReadonlySet<Action> = new Set(["cancel", "terminate", "rollback"]);

export function BulkDialog({ selection, action, onClose, onDone }: BulkDialogProps) {
  const [expected, setExpected] = useState<BulkAnswer>();
  const [problem, setProblem] = useState<unknown>();
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState<number>();
  const { verb } = ACTION_VIEWS[action];

  useEffect(() => {
    let isWanted = true;
    preview(selection, action).then(
      (answer) => isWanted && setExpected(answer),
      (failure: unknown) => isWanted && setProblem(failure),
    );
    return () => {
      isWanted = false;
    };
  }, [selection, action]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsked(0);
    setProblem(undefined);
    try {
      const why = reason.trim() || undefined;
      const { requested, refused } = await carryOut(selection, action, { reason: why, onProgress: setAsked });
      const rest = refused > 0 ? `; ${plural(refused, "job")} could not be asked` : "";
      announce(`${verb}: asked of ${plural(requested, "job")}${rest}.`);
      onDone();
    } catch (failure) {
      announce(`${verb} was refused. ${problemText(failure)}`, "problem");
      setAsked(undefined);
      setProblem(failure);
    }
  };

  return (
    <Dialog title={`${verb}: ${expected ? plural(expected.requested, "job") : "counting"}`} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        {problem !== undefined && <ProblemNotice problem={problem} what={`${verb} could not be asked.`} />}
        <Expected expected={expected} action={action} />
        <ReasonField hint="Kept in the history of each job." value={reason} onChange={setReason} />
        <div className="flex flex-wrap items-center gap-2">
          <Button
            type="submit"
            look={HARMS.has(action) ? "danger" : "primary"}
            disabled={asked !== undefined || !expected || expected.requested === 0}
          >
            {verb} {expected ? plural(expected.requested, "job") : "…"}
          </Button>
          <Button look="quiet" onClick={onClose}>
            Leave them
          </Button>
          {asked !== undefined && selection.kind === "some" && (
            <span role="status" className="figures text-muted text-sm">
              {count(asked)} of {count(selection.ids.length)}
            </span>
          )}
        </div>
      </form>
    </Dialog>
  );
}

interface ExpectedProps {
  readonly expected: BulkAnswer | undefined;
  readonly action: Action;
}

/** The same lines before the numbers are there, so that nothing moves when they come. */
function Expected({ expected, action }: ExpectedProps) {
  const figure = (value: number | undefined) => (value === undefined ? "…" : count(value));
  return (
    <dl className="figures m-0 grid grid-cols-[minmax(3ch,auto)_1fr] gap-x-3 gap-y-1 text-sm">
      <dt className="text-right font-semibold">{figure(expected?.matched)}</dt>
      <dd className="m-0">selected</dd>
      <dt className="text-right font-semibold">{figure(expected?.requested)}</dt>
      <dd className="m-0">{OUTCOMES[action]}</dd>
      <dt className="text-right font-semibold">{figure(expected?.refused)}</dt>
      <dd className="m-0 text-muted">stay as they are: their state does not allow it</dd>
    </dl>
  );
}

const OUTCOMES: Readonly<Record<Action, string>> = {
  pause: "stop at their next checkpoint, and can be resumed",
  resume: "go on from their checkpoints",
  cancel: "stop for good at their next checkpoint; what they did is undone where their type can",
  terminate: "are stopped at once, without grace; what they did is undone where their type can",
  retry: "run again with fresh attempts, from their checkpoints",
  rollback: "are undone; what other jobs did stays",
};
