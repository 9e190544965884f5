// Finds a job by what its id or key begins with. Enter leads to the first that is found, on which keys act at once.
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { type RefObject, useEffect, useState } from "react";
import { LIMITS } from "../../src/domain/limits.ts";

export function SearchBox({ search }: { readonly search: RefObject<HTMLInputElement | null> }) {
  const navigate = useNavigate();
  const searched = useRouterState({ select: ({ location }) => textOf(location.pathname, location.search) });
  const [text, setText] = useState(searched);
  useEffect(() => setText(searched), [searched]);
  const find = () => {
    const q = text.trim();
    search.current?.blur();
    void navigate({ to: "/jobs", search: q === "" ? {} : { q, at: "first" } });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is not known to every screen reader yet.
    <form
      role="search"
      className="relative w-full max-w-[420px]"
      onSubmit={(event) => {
        event.preventDefault();
        find();
      }}
    >
      <Search
        aria-hidden
        size={15}
        className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-2.5 text-muted"
      />
      <input
        ref={search}
        type="search"
        aria-label="Search jobs by id or key"
        aria-keyshortcuts="/"
        placeholder="Search by id or key"
        autoComplete="off"
        spellCheck={false}
        maxLength={LIMITS.searchLength}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          setText(searched);
          event.currentTarget.blur();
        }}
        className="peer h-9 w-full rounded border border-line-strong bg-page pr-8 pl-8 text-ink text-sm"
      />
      {text === "" && (
        <kbd
          aria-hidden
          className="-translate-y-1/2 pointer-events-none absolute top-1/2 right-2.5 rounded border border-line-strong px-1.5 font-mono text-[11px] text-muted leading-4 peer-focus:hidden max-sm:hidden"
        >
          /
        </kbd>
      )}
    </form>
  );
}

/** What the list was searched for. */
function textOf(path: string, search: object): string {
  const { q } = search as { readonly q?: unknown };
  return path === "/jobs" && (typeof q === "string" || typeof q === "number") ? String(q) : "";
}
