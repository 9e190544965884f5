// The limits of a queue: how many jobs at once, and how many starts in a time. Empty means any number.
import { useState } from "react";
import type { Queue, QueueEdit } from "../../../src/client/index.ts";
import { KEYS, server } from "../../data/server.ts";
import { useChange } from "../../data/use-change.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { controlClasses, Field } from "../../parts/field.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";

const textOf = (value: number | undefined | null) => (value === undefined || value === null ? "" : String(value));

export function LimitsDialog({ queue, onClose }: { readonly queue: Queue; readonly onClose: () => void }) {
  const { run, isBusy, problem } = useChange(KEYS.queues);
  const [concurrency, setConcurrency] = useState(textOf(queue.concurrency));
  const [starts, setStarts] = useState(textOf(queue.rateLimit?.max));
  const [seconds, setSeconds] = useState(textOf(queue.rateLimit ? queue.rateLimit.perMs / 1_000 : 60));
  const save = async () => {
    const edit: QueueEdit = {
      concurrency: concurrency === "" ? null : Number(concurrency),
      rateLimit: starts === "" ? null : { max: Number(starts), perMs: Math.round(Number(seconds) * 1_000) },
    };
    if (await run(() => server.queues.edit(queue.name, edit), `The limits of ${queue.name} are set.`)) onClose();
  };
  return (
    <Dialog title={`Limits of the queue ${queue.name}`} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {problem !== null && <ProblemNotice problem={problem} what="The limits were not set." />}
        <NumberField
          label="Jobs at once"
          hint="In all processes together. Empty: any number."
          value={concurrency}
          onChange={setConcurrency}
        />
        <div className="grid grid-cols-2 gap-3">
          <NumberField label="Starts" hint="Empty: any number." value={starts} onChange={setStarts} />
          <NumberField label="in seconds" value={seconds} step="any" isRequired={starts !== ""} onChange={setSeconds} />
        </div>
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={isBusy}>
            Set the limits
          </Button>
          <Button look="quiet" onClick={onClose}>
            Leave them
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly step?: "any" | 1;
  readonly isRequired?: boolean;
  readonly onChange: (value: string) => void;
}

function NumberField({ label, hint, value, step = 1, isRequired = false, onChange }: NumberFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(attributes) => (
        <input
          {...attributes}
          type="number"
          min={step === 1 ? 1 : 0.001}
          step={step}
          required={isRequired}
          className={controlClasses}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
