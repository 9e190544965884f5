// Search, the state of the connection, the theme, and who is signed in.
import { CircleHelp, LogOut, Moon, Sun } from "lucide-react";
import type { RefObject } from "react";
import { announce } from "../data/announce.ts";
import { problemText } from "../data/problem.ts";
import { signOut, useSession } from "../data/session.ts";
import { setTheme, useTheme } from "../data/theme.ts";
import { Button } from "../parts/button.tsx";
import { ConnectionState } from "./connection-state.tsx";
import { SearchBox } from "./search-box.tsx";

interface TopLineProps {
  readonly search: RefObject<HTMLInputElement | null>;
  readonly onHelp: () => void;
}

export function TopLine({ search, onHelp }: TopLineProps) {
  const theme = useTheme();
  const { data: session } = useSession();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <header className="sticky top-0 z-30 flex h-14 items-center gap-3 border-line border-b bg-surface px-6 max-sm:px-3">
      <SearchBox search={search} />
      <div className="ml-auto flex shrink-0 items-center gap-1">
        <ConnectionState />
        <Button
          look="quiet"
          aria-label={`Use the ${other} theme`}
          title={`Use the ${other} theme`}
          className="px-2"
          onClick={() => setTheme(other)}
        >
          {theme === "dark" ? <Sun aria-hidden size={17} /> : <Moon aria-hidden size={17} />}
        </Button>
        <Button
          look="quiet"
          aria-label="Keyboard help"
          aria-keyshortcuts="?"
          title="Keyboard help (?)"
          className="px-2 max-sm:hidden"
          onClick={onHelp}
        >
          <CircleHelp aria-hidden size={17} />
        </Button>
        {session?.signedIn && (
          <Button
            look="quiet"
            title={`Signed in as ${session.name} (${session.scope}). Sign out`}
            className="max-sm:px-2"
            onClick={() => void signOut().catch((problem: unknown) => announce(problemText(problem), "problem"))}
          >
            <span className="max-w-[16ch] truncate max-sm:hidden">
              <bdi>{session.name}</bdi>
            </span>
            <LogOut aria-hidden size={16} />
            <span className="sr-only">Sign out</span>
          </Button>
        )}
      </div>
    </header>
  );
}
