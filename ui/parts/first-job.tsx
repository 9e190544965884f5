// Where nothing was ever submitted: how the first job is.
import { Link } from "@tanstack/react-router";
import { EmptyState } from "./empty-state.tsx";
import { SubmitCommand } from "./shell-command.tsx";

export function FirstJob() {
  return (
    <section className="panel min-h-[240px]">
      <EmptyState title="No jobs yet.">
        <p className="m-0">
          <Link to="/new" className="text-accent">
            Submit the first one with the form
          </Link>
          , or from a shell:
        </p>
        <SubmitCommand />
      </EmptyState>
    </section>
  );
}
