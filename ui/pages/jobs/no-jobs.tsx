// An empty list: because of the filter, or because nothing was ever submitted.
import { Link } from "@tanstack/react-router";
import { EmptyState } from "../../parts/empty-state.tsx";
import { FirstJob } from "../../parts/first-job.tsx";
import { filterSearch, type JobsSearch } from "./jobs-search.ts";

export function NoJobs({ search }: { readonly search: JobsSearch }) {
  const { order: _, ...filter } = filterSearch(search);
  const { q } = filter;
  if (Object.keys(filter).length === 0) return <FirstJob />;
  return (
    <div className="panel">
      <EmptyState
        title={q === undefined ? "No job matches the filter." : `No job whose id or key begins with "${q}" matches.`}
      >
        {q !== undefined && Object.keys(filter).length > 1 && (
          <Link to="/jobs" search={{ q }} className="text-accent">
            Search in all jobs
          </Link>
        )}
        <Link to="/jobs" search={{}} className="text-accent">
          Show all jobs
        </Link>
      </EmptyState>
    </div>
  );
}
