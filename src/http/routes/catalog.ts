// What this server can run, and the data that its jobs made.
import type { FastifyInstance } from "fastify";
import {
  listDatasetRows,
  listDatasets,
  listJobTypes,
  listTeams,
  ROWS_LIMIT,
  TEAMS_LIMIT,
} from "../../api/catalog-operations.ts";
import { PawlError } from "../../domain/errors.ts";
import type { DatasetCatalog } from "../../ports/datasets.ts";
import type { TeamCatalog } from "../../ports/teams.ts";
import type { RouteServices } from "../route-services.ts";
import { serve } from "../serve.ts";

export function catalogRoutes(app: FastifyInstance, services: RouteServices): void {
  const { manager, datasets, teams } = services;
  serve(app, listJobTypes, services, async () => ({ items: manager.jobTypes() }));
  if (datasets) datasetRoutes(app, services, datasets);
  if (teams) teamRoutes(app, services, teams);
}

function datasetRoutes(app: FastifyInstance, services: RouteServices, datasets: DatasetCatalog): void {
  serve(app, listDatasets, services, async () => ({ items: await datasets.list() }));
  serve(app, listDatasetRows, services, async ({ params, query }) => {
    const { after = null, limit = ROWS_LIMIT.default } = query;
    const items = await datasets.rows(params.name, { after, limit });
    if (!items) throw new PawlError("not_found", `There is no dataset "${params.name}".`);
    return { items, nextAfter: items.length < limit ? null : (items.at(-1)?.position ?? null) };
  });
}

function teamRoutes(app: FastifyInstance, services: RouteServices, { teams }: TeamCatalog): void {
  serve(app, listTeams, services, async ({ query: { after = null, limit = TEAMS_LIMIT.default } }) => {
    const items = await teams({ after, limit });
    return { items, nextAfter: items.length < limit ? null : (items.at(-1)?.position ?? null) };
  });
}
