// What stands around every page.
import { Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { startLive } from "../data/live.ts";
import { isUnauthenticated } from "../data/problem.ts";
import { KEYS, queries } from "../data/server.ts";
import { useMay, useSession } from "../data/session.ts";
import { useShortcuts } from "../data/shortcuts.ts";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { Announcements } from "./announcements.tsx";
import { ConnectionBanner } from "./connection-state.tsx";
import { HelpDialog } from "./help-dialog.tsx";
import { IssuedTokenDialog } from "./issued-token-dialog.tsx";
import { Rail } from "./rail.tsx";
import { SignIn } from "./sign-in.tsx";
import { TopLine } from "./top-line.tsx";

export function Frame() {
  return (
    <>
      <Admitted />
      <IssuedTokenDialog />
    </>
  );
}

function Admitted() {
  const session = useSession();
  if (isUnauthenticated(session.error)) return <SignIn />;
  if (session.data) return <SignedIn />;
  if (!session.error) return null;
  return (
    <main className="mx-auto max-w-[640px] p-6">
      <h1 className="sr-only">Pawl</h1>
      <ProblemNotice
        problem={session.error}
        what="The server does not answer."
        onRetry={() => void session.refetch()}
      />
    </main>
  );
}

function SignedIn() {
  const navigate = useNavigate();
  const search = useRef<HTMLInputElement>(null);
  const content = useRef<HTMLElement>(null);
  const mayOperate = useMay("operate");
  const [isHelpOpen, setHelpOpen] = useState(false);
  useEffect(() => startLive(() => queries.invalidateQueries({ queryKey: KEYS.session })), []);
  useShortcuts({
    "/": () => search.current?.select(),
    "?": () => setHelpOpen(true),
    g: () => void navigate({ to: "/" }),
    l: () => void navigate({ to: "/jobs" }),
    ...(mayOperate ? { n: () => void navigate({ to: "/new" }) } : {}),
  });
  return (
    <div className="flex min-h-dvh">
      {/* biome-ignore lint/a11y/useValidAnchor: the hash would stay in the address, which is the router's. */}
      <a
        href="#content"
        className="sr-only z-50 rounded border border-line-strong bg-surface p-2 text-ink text-sm focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        onClick={(event) => {
          event.preventDefault();
          content.current?.focus();
        }}
      >
        Skip to content
      </a>
      <Rail />
      <div className="flex min-w-0 flex-1 flex-col max-sm:pb-16">
        <TopLine search={search} onHelp={() => setHelpOpen(true)} />
        <main
          ref={content}
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-[1440px] flex-1 px-6 pt-4 pb-6 outline-none max-sm:px-3"
        >
          <Outlet />
        </main>
      </div>
      <ConnectionBanner />
      <Announcements />
      {isHelpOpen && <HelpDialog onClose={() => setHelpOpen(false)} />}
    </div>
  );
}
