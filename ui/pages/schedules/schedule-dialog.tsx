// Makes a schedule, or changes one. What is typed is told in words at once; what is wrong, the server says.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import type { NewSchedule, Schedule } from "../../../src/client/index.ts";
import { announce } from "../../data/announce.ts";
import { problemText } from "../../data/problem.ts";
import { KEYS, queries, READS, server } from "../../data/server.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { controlClasses, Field } from "../../parts/field.tsx";
import { cronWords } from "./cron-words.ts";

interface ScheduleDialogProps {
  /** `null`: a new one. */
  readonly schedule: Schedule | null;
  readonly onClose: () => void;
}

const valuesOf = (schedule: Schedule | null) => ({
  name: schedule?.name ?? "",
  cron: schedule?.cron ?? "0 * * * *",
  timeZone: schedule?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  type: schedule?.type ?? "",
  input: JSON.stringify(schedule?.input ?? {}, null, 2),
  overlap: schedule?.overlap ?? "skip",
  missed: schedule?.missed ?? "one",
});

type Values = ReturnType<typeof valuesOf>;

/** Throws a `SyntaxError` for an input that is no JSON. */
const requestOf = ({ input, ...values }: Values): NewSchedule => ({ ...values, input: JSON.parse(input) });

export function ScheduleDialog({ schedule, onClose }: ScheduleDialogProps) {
  const [values, setValues] = useState(() => valuesOf(schedule));
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const types = useQuery(READS.jobTypes);
  const set = (change: Partial<Values>) => setValues((present) => ({ ...present, ...change }));

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { name, ...change } = requestOf(values);
      if (schedule) await server.schedules.edit(name, change);
      else await server.schedules.create({ name, ...change });
      announce(`The schedule ${name} is ${schedule ? "changed" : "made"}.`);
      void queries.invalidateQueries({ queryKey: KEYS.schedules });
      onClose();
    } catch (error) {
      setProblem(error instanceof SyntaxError ? `The input is no JSON: ${error.message}` : problemText(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title={schedule ? `Edit the schedule ${schedule.name}` : "New schedule"} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void save(event)}>
        {problem !== undefined && (
          <p role="alert" className="m-0 rounded border border-failed bg-failed-tint p-3 text-failed text-sm">
            {problem}
          </p>
        )}
        {!schedule && <TextField label="Name" value={values.name} onChange={(name) => set({ name })} />}
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <TextField
            label="Cron expression"
            hint={cronWords(values.cron)}
            value={values.cron}
            onChange={(cron) => set({ cron })}
          />
          <TextField label="Time zone" value={values.timeZone} onChange={(timeZone) => set({ timeZone })} />
        </div>
        <SelectField label="Job type" value={values.type} onChange={(type) => set({ type })}>
          <option value="">Choose one</option>
          {types.data?.map(({ name, title }) => (
            <option key={name} value={name}>
              {title} ({name})
            </option>
          ))}
        </SelectField>
        <Field label="Input" hint="JSON, as the job type describes it.">
          {(attributes) => (
            <textarea
              {...attributes}
              rows={5}
              spellCheck={false}
              className={`${controlClasses} font-mono text-xs`}
              value={values.input}
              onChange={(event) => set({ input: event.target.value })}
            />
          )}
        </Field>
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <SelectField
            label="While the last job runs"
            value={values.overlap}
            onChange={(overlap) => set({ overlap: overlap === "queue" ? "queue" : "skip" })}
          >
            <option value="skip">leave the next one out</option>
            <option value="queue">let the next one wait</option>
          </SelectField>
          <SelectField
            label="Times that were missed"
            value={values.missed}
            onChange={(missed) => set({ missed: missed === "all" ? "all" : "one" })}
          >
            <option value="one">make up for the last one</option>
            <option value="all">make up for each</option>
          </SelectField>
        </div>
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={isBusy}>
            {schedule ? "Change the schedule" : "Make the schedule"}
          </Button>
          <Button look="quiet" onClick={onClose}>
            Leave it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface InputProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function TextField({ label, hint, value, onChange }: InputProps) {
  return (
    <Field label={label} hint={hint} required>
      {(attributes) => (
        <input
          {...attributes}
          required
          className={controlClasses}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function SelectField({ label, value, onChange, children }: InputProps & { readonly children: ReactNode }) {
  return (
    <Field label={label}>
      {(attributes) => (
        <select
          {...attributes}
          required
          className={controlClasses}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        >
          {children}
        </select>
      )}
    </Field>
  );
}
