// Which type of job: a list with what each does, and a choice of one line once one is chosen.
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { JobTypeInfo } from "../../../src/client/index.ts";
import { EmptyState } from "../../parts/empty-state.tsx";
import { controlClasses, Field } from "../../parts/field.tsx";

interface TypeListProps {
  readonly types: readonly JobTypeInfo[];
  readonly onChoose: () => void;
}

export function TypeList({ types, onChoose }: TypeListProps) {
  if (types.length === 0)
    return <EmptyState title="This server runs no type of job.">Register one where the server is made.</EmptyState>;
  return (
    <section className="flex flex-col gap-3">
      <h2 className="m-0 font-medium text-base">What kind of job?</h2>
      <ul className="m-0 grid list-none grid-cols-1 gap-4 p-0 sm:grid-cols-2 xl:grid-cols-3">
        {types.map(({ name, title, description }) => (
          <li key={name} className="flex min-w-0">
            <Link
              to="/new"
              search={{ type: name }}
              onClick={onChoose}
              className="panel flex min-w-0 flex-1 flex-col gap-1 p-4 text-ink no-underline hover:border-line-strong hover:bg-sunken"
            >
              <span className="flex flex-wrap items-baseline justify-between gap-x-3">
                <span className="min-w-0 break-words font-semibold text-sm">
                  <bdi>{title}</bdi>
                </span>
                <code className="min-w-0 break-words font-mono text-muted text-xs">{name}</code>
              </span>
              <span className="line-clamp-3 break-words text-muted text-sm">
                <bdi>{description}</bdi>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface TypeSelectProps {
  readonly types: readonly JobTypeInfo[];
  readonly type: JobTypeInfo;
  /** The list that had the focus has made place for this. */
  readonly takesFocus: boolean;
  readonly onChoose: () => void;
}

export function TypeSelect({ types, type, takesFocus, onChoose }: TypeSelectProps) {
  const navigate = useNavigate();
  const select = useRef<HTMLSelectElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when it appears, and when another type is chosen by it.
  useEffect(() => {
    if (takesFocus) select.current?.focus();
  }, [type.name]);
  return (
    <div className="flex flex-col gap-1">
      <Field label="Type">
        {(attributes) => (
          <select
            {...attributes}
            ref={select}
            className={controlClasses}
            value={type.name}
            onChange={(event) => {
              onChoose();
              void navigate({ to: "/new", search: { type: event.target.value }, replace: true });
            }}
          >
            {types.map(({ name, title }) => (
              <option key={name} value={name}>
                {title} ({name})
              </option>
            ))}
          </select>
        )}
      </Field>
      <p className="m-0 break-words text-muted text-xs lg:hidden">{type.description}</p>
    </div>
  );
}
