import { Link } from "@tanstack/react-router";
import { EmptyState } from "../parts/empty-state.tsx";
import { PageHead } from "../parts/page-head.tsx";

export function NotFound() {
  return (
    <>
      <PageHead title="No such page" />
      <EmptyState title="Nothing is at this address.">
        <Link to="/jobs" className="text-accent">
          See all jobs
        </Link>
      </EmptyState>
    </>
  );
}
