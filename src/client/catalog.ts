// What the server can run, how much there is to do, who works, and the data that jobs made.
import type { DatasetListView, DatasetRowPage, TeamPage } from "../api/catalog-operations.ts";
import type { JobTypeInfo } from "../domain/job-control.ts";
import type { Stats, WorkerInfo } from "../domain/stats.ts";
import { ROUTES } from "./routes.ts";
import type { ReadOptions, Send } from "./send.ts";

export type Dataset = DatasetListView["items"][number];
export type { DatasetRowPage, TeamPage };

export interface RowsRequest extends ReadOptions {
  /** Only what comes after this `position`: `nextAfter` of the page before. */
  readonly after?: string;
  /** 1 to 1,000, default 50. */
  readonly limit?: number;
}

export interface Catalog {
  /** Counts per state, type and queue, the last hour by minutes, the oldest waiting job. */
  stats(options?: ReadOptions): Promise<Stats>;
  /** Workers that are alive, with what they run. */
  workers(options?: ReadOptions): Promise<readonly WorkerInfo[]>;
  /** What can be submitted, each with the JSON Schema of its input. */
  jobTypes(options?: ReadOptions): Promise<readonly JobTypeInfo[]>;
  /** The tables that imports filled. */
  datasets(options?: ReadOptions): Promise<readonly Dataset[]>;
  /** In import order. Rejects with `not_found`. */
  datasetRows(name: string, request?: RowsRequest): Promise<DatasetRowPage>;
  /** What `bulk-teams` made, oldest first. */
  teams(request?: RowsRequest): Promise<TeamPage>;
}

export function createCatalog(send: Send): Catalog {
  return {
    stats: async ({ signal } = {}) => (await send(ROUTES.getStats, { signal })).body,
    workers: async ({ signal } = {}) => (await send(ROUTES.listWorkers, { signal })).body.items,
    jobTypes: async ({ signal } = {}) => (await send(ROUTES.listJobTypes, { signal })).body.items,
    datasets: async ({ signal } = {}) => (await send(ROUTES.listDatasets, { signal })).body.items,
    datasetRows: async (name, { signal, ...query } = {}) =>
      (await send(ROUTES.listDatasetRows, { params: { name }, query, signal })).body,
    teams: async ({ signal, ...query } = {}) => (await send(ROUTES.listTeams, { query, signal })).body,
  };
}
