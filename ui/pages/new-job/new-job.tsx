// The page on which a job is started: with a form drawn from its type, new or as a run again with changes.
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { JobTypeInfo } from "../../../src/client/index.ts";
import { KEYS, READS, server } from "../../data/server.ts";
import { useMay } from "../../data/session.ts";
import { EmptyState } from "../../parts/empty-state.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";
import { JobForm } from "./job-form.tsx";
import type { NewJobSearch } from "./new-job-search.ts";
import { TypeList, TypeSelect } from "./type-choice.tsx";
import type { TakenOver } from "./use-job-form.ts";

export function NewJob() {
  const search = useSearch({ from: "/new" });
  const mayOperate = useMay("operate");
  return (
    <div className="flex min-h-[480px] flex-col gap-4">
      <PageHead title="New job" />
      {mayOperate ? <Choosing search={search} /> : <NotAllowed />}
    </div>
  );
}

function NotAllowed() {
  return (
    <EmptyState title="You may look at jobs, and not start any.">
      <p className="m-0">
        Starting one takes a token of scope operate or admin: sign out, and sign in with such a token.
      </p>
    </EmptyState>
  );
}

function Choosing({ search }: { readonly search: NewJobSearch }) {
  const types = useQuery(READS.jobTypes);
  const { from } = search;
  /** By hand, on this page. */
  const [isChosen, setChosen] = useState(false);
  const source = useQuery({
    queryKey: KEYS.job(from ?? ""),
    queryFn: () => server.get(from ?? ""),
    enabled: from !== undefined,
  });
  if (types.error && !types.data) {
    return (
      <ProblemNotice
        problem={types.error}
        what="The types of jobs could not be read."
        onRetry={() => void types.refetch()}
      />
    );
  }
  if (from !== undefined && source.error && source.data === undefined) {
    return (
      <ProblemNotice
        problem={source.error}
        what="The earlier job could not be read."
        onRetry={() => void source.refetch()}
      />
    );
  }
  if (!types.data || (from !== undefined && source.data === undefined)) return null;
  if (from !== undefined && source.data === null) {
    return (
      <>
        <Notice>The job that was to be run again is no longer there: it was deleted.</Notice>
        <TypeList types={types.data} onChoose={() => setChosen(true)} />
      </>
    );
  }
  const wanted = source.data?.type ?? search.type;
  const type = types.data.find(({ name }) => name === wanted);
  if (!type) {
    return (
      <>
        {wanted !== undefined && (
          <Notice>
            This server has no job type <bdi className="break-all font-mono">{wanted}</bdi>.
          </Notice>
        )}
        <TypeList types={types.data} onChoose={() => setChosen(true)} />
      </>
    );
  }
  const takenOver: TakenOver = source.data
    ? { input: source.data.input, queue: queueOf(source.data.queue, type), labels: source.data.labels }
    : search.dataset === undefined
      ? {}
      : { input: { dataset: search.dataset } };
  return (
    <JobForm key={`${type.name} ${from ?? ""} ${search.dataset ?? ""}`} type={type} takenOver={takenOver}>
      {source.data && (
        <p className="m-0 text-muted text-sm">
          Filled in as{" "}
          <Link to="/jobs/$id" params={{ id: source.data.id }} className="text-accent underline">
            {source.data.key === null ? "the earlier job" : <bdi className="break-words">{source.data.key}</bdi>}
          </Link>{" "}
          was: change what is to be different.
        </p>
      )}
      <TypeSelect types={types.data} type={type} takesFocus={isChosen} onChoose={() => setChosen(true)} />
    </JobForm>
  );
}

const queueOf = (queue: string, { defaults }: JobTypeInfo) => (queue === defaults.queue ? undefined : queue);

function Notice({ children }: { readonly children: ReactNode }) {
  return (
    <p role="alert" className="m-0 rounded border border-paused bg-paused-tint p-3 text-paused text-sm">
      {children}
    </p>
  );
}
