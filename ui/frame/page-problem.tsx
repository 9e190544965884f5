// A page that cannot be drawn must not take the others along.
import { useEffect } from "react";
import { loadAnew, ProgramMissing, wasLoadedAnew } from "../data/page-program.ts";
import { ProblemNotice } from "../parts/problem-notice.tsx";

export function PageProblem({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  const isMissing = error instanceof ProgramMissing;
  useEffect(() => {
    if (!isMissing || wasLoadedAnew()) return;
    const leaving = new AbortController();
    void loadAnew(leaving.signal);
    return () => leaving.abort();
  }, [isMissing]);
  return (
    <div className="mx-auto max-w-[720px] p-6">
      <ProblemNotice
        problem={error}
        what="This page cannot be shown."
        onRetry={isMissing ? () => void loadAnew() : reset}
      />
    </div>
  );
}
