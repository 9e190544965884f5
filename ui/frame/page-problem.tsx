// A page that cannot be drawn must not take the others along.
import { ProblemNotice } from "../parts/problem-notice.tsx";

export function PageProblem({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return (
    <main className="mx-auto max-w-[720px] p-6">
      <ProblemNotice problem={error} what="This page cannot be shown." onRetry={reset} />
    </main>
  );
}
