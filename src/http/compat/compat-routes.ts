// The five earlier APIs, each in a scope of its own: what one of them answers in its own words reaches no other route.
import type { FastifyInstance } from "fastify";
import { acceptAnyBody } from "./any-body.ts";
import type { CompatServices } from "./compat-services.ts";
import { csvTaskRoutes } from "./csv-tasks.ts";
import { fileTaskRoutes } from "./file-tasks.ts";
import { haltResumeRoutes } from "./halt-resume.ts";
import { startStopRoutes } from "./start-stop.ts";
import { workerPoolRoutes } from "./worker-pool.ts";

type Routes = (scope: FastifyInstance, services: CompatServices) => void;

const APIS: readonly Routes[] = [startStopRoutes, csvTaskRoutes, haltResumeRoutes, workerPoolRoutes, fileTaskRoutes];

export function compatRoutes(app: FastifyInstance, services: CompatServices): void {
  for (const routes of APIS) {
    app.register(async (scope) => {
      await acceptAnyBody(scope, services.bodyDeadline);
      routes(scope, services);
    });
  }
}
