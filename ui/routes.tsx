// Which page is where, and what of it the address holds: filters, tabs and selections, so that a link shows the same view.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { programOf } from "./data/page-program.ts";
import { Frame } from "./frame/frame.tsx";
import { NotFound } from "./frame/not-found.tsx";
import { PageProblem } from "./frame/page-problem.tsx";
import { auditSearch } from "./pages/audit/audit-search.ts";
import { dataSearch } from "./pages/data/data-search.ts";
import { jobSearch } from "./pages/job/job-search.ts";
import { jobsSearch } from "./pages/jobs/jobs-search.ts";
import { newJobSearch } from "./pages/new-job/new-job-search.ts";

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound, errorComponent: PageProblem });

const page = { getParentRoute: () => root } as const;

const routes = root.addChildren([
  createRoute({
    ...page,
    path: "/",
    component: lazyRouteComponent(
      programOf(() => import("./pages/overview/overview.tsx")),
      "Overview",
    ),
  }),
  createRoute({
    ...page,
    path: "/jobs",
    validateSearch: jobsSearch,
    component: lazyRouteComponent(
      programOf(() => import("./pages/jobs/jobs.tsx")),
      "Jobs",
    ),
  }),
  createRoute({
    ...page,
    path: "/jobs/$id",
    validateSearch: jobSearch,
    component: lazyRouteComponent(
      programOf(() => import("./pages/job/job-page.tsx")),
      "JobPage",
    ),
  }),
  createRoute({
    ...page,
    path: "/new",
    validateSearch: newJobSearch,
    component: lazyRouteComponent(
      programOf(() => import("./pages/new-job/new-job.tsx")),
      "NewJob",
    ),
  }),
  createRoute({
    ...page,
    path: "/queues",
    component: lazyRouteComponent(
      programOf(() => import("./pages/queues/queues.tsx")),
      "Queues",
    ),
  }),
  createRoute({
    ...page,
    path: "/schedules",
    component: lazyRouteComponent(
      programOf(() => import("./pages/schedules/schedules.tsx")),
      "Schedules",
    ),
  }),
  createRoute({
    ...page,
    path: "/workers",
    component: lazyRouteComponent(
      programOf(() => import("./pages/workers/workers.tsx")),
      "Workers",
    ),
  }),
  createRoute({
    ...page,
    path: "/data",
    validateSearch: dataSearch,
    component: lazyRouteComponent(
      programOf(() => import("./pages/data/data.tsx")),
      "Data",
    ),
  }),
  createRoute({
    ...page,
    path: "/audit",
    validateSearch: auditSearch,
    component: lazyRouteComponent(
      programOf(() => import("./pages/audit/audit.tsx")),
      "Audit",
    ),
  }),
]);

export const router = createRouter({
  routeTree: routes,
  basepath: "/ui",
  defaultPreload: "intent",
  defaultErrorComponent: PageProblem,
  scrollRestoration: true,
  // Otherwise what a page's validation left out of the address would come back in as it was typed.
  search: { strict: true },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
