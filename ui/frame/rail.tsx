// The way to every page: a rail on the left, and on a phone a bar below, where what does not fit opens from "More".
import { Link } from "@tanstack/react-router";
import {
  CalendarClock,
  Cpu,
  Database,
  Ellipsis,
  LayoutDashboard,
  List,
  type LucideIcon,
  Rows3,
  ShieldCheck,
  SquarePlus,
} from "lucide-react";
import { useRef } from "react";
import type { Scope } from "../../src/client/index.ts";
import { useMay } from "../data/session.ts";
import { classes } from "../parts/class-names.ts";

interface Place {
  readonly to: string;
  readonly name: string;
  readonly icon: LucideIcon;
  readonly scope: Scope;
}

const FIRST: readonly Place[] = [
  { to: "/", name: "Overview", icon: LayoutDashboard, scope: "read" },
  { to: "/jobs", name: "Jobs", icon: List, scope: "read" },
  { to: "/new", name: "New job", icon: SquarePlus, scope: "operate" },
  { to: "/queues", name: "Queues", icon: Rows3, scope: "read" },
];
const REST: readonly Place[] = [
  { to: "/schedules", name: "Schedules", icon: CalendarClock, scope: "read" },
  { to: "/workers", name: "Workers", icon: Cpu, scope: "read" },
  { to: "/data", name: "Data", icon: Database, scope: "read" },
  { to: "/audit", name: "Audit", icon: ShieldCheck, scope: "admin" },
];

const ROW =
  "flex h-9 items-center gap-2.5 rounded px-2.5 text-muted text-sm no-underline hover:bg-sunken hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:font-medium aria-[current=page]:text-ink";
const TILE =
  "max-sm:h-full max-sm:min-w-0 max-sm:flex-1 max-sm:flex-col max-sm:justify-center max-sm:gap-0.5 max-sm:px-1 max-sm:text-xs";

export function Rail() {
  return (
    <nav
      aria-label="Pages"
      className="sticky top-0 flex h-dvh w-[168px] shrink-0 flex-col gap-0.5 border-line border-r bg-surface px-2 py-2.5 max-lg:w-14 max-sm:fixed max-sm:top-auto max-sm:right-0 max-sm:bottom-0 max-sm:left-0 max-sm:z-40 max-sm:h-16 max-sm:w-full max-sm:flex-row max-sm:border-t max-sm:border-r-0 max-sm:px-1 max-sm:py-1"
    >
      <Link
        to="/"
        aria-label="Pawl, overview"
        className="mb-2 flex h-9 items-center gap-2 rounded px-2 font-semibold text-base text-ink no-underline max-sm:hidden"
      >
        <img src="/ui/icon.svg" alt="" width={24} height={24} />
        <span className="max-lg:hidden">Pawl</span>
      </Link>
      {FIRST.map((place) => (
        <RailLink key={place.to} {...place} look={classes(ROW, TILE)} />
      ))}
      {REST.map((place) => (
        <RailLink key={place.to} {...place} look={classes(ROW, "max-sm:hidden")} />
      ))}
      <More />
    </nav>
  );
}

/** Of a phone. */
function More() {
  const menu = useRef<HTMLDivElement>(null);
  return (
    <>
      <button type="button" popoverTarget="more-pages" className={classes(ROW, TILE, "border-0 sm:hidden")}>
        <Ellipsis aria-hidden size={18} className="shrink-0" />
        More
      </button>
      <div
        ref={menu}
        id="more-pages"
        popover="auto"
        className="panel fixed inset-auto right-2 bottom-[72px] m-0 w-[200px] p-2 text-ink"
        onClickCapture={() => menu.current?.hidePopover()}
      >
        {REST.map((place) => (
          <RailLink key={place.to} {...place} look={classes(ROW, "h-11")} isInMenu />
        ))}
      </div>
    </>
  );
}

interface RailLinkProps extends Place {
  readonly look: string;
  readonly isInMenu?: boolean;
}

function RailLink({ to, name, icon: Icon, scope, look, isInMenu = false }: RailLinkProps) {
  if (!useMay(scope)) return null;
  return (
    <Link
      to={to}
      activeOptions={{ exact: to === "/", includeSearch: false }}
      activeProps={{ "aria-current": "page" }}
      title={name}
      className={look}
    >
      <Icon aria-hidden size={18} className="shrink-0" />
      <span className={classes("whitespace-nowrap", !isInMenu && "max-lg:sr-only max-sm:not-sr-only")}>{name}</span>
    </Link>
  );
}
