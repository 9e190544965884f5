// What a job left behind: history, log lines, artifacts.
import type { FastifyInstance } from "fastify";
import { downloadArtifact, listArtifacts, listEvents, listLogs } from "../../api/record-operations.ts";
import { RECORDS_LIMIT, recordPage, toHistoryEntryView, toLogLineView } from "../../api/records.ts";
import { download } from "../download.ts";
import type { RouteServices } from "../route-services.ts";
import { serve } from "../serve.ts";

export function recordRoutes(app: FastifyInstance, services: RouteServices): void {
  const { manager } = services;
  serve(app, listEvents, services, async ({ params, query }) => {
    const { after = 0, limit = RECORDS_LIMIT.default } = query;
    const entries = await manager.history(params.id, { after, limit });
    return recordPage(entries.map(toHistoryEntryView), limit);
  });
  serve(app, listLogs, services, async ({ params, query }) => {
    const { after = 0, limit = RECORDS_LIMIT.default } = query;
    const lines = await manager.logs(params.id, { after, limit });
    return recordPage(lines.map(toLogLineView), limit);
  });
  serve(app, listArtifacts, services, async ({ params }) => ({ items: await manager.artifacts(params.id) }));
  serve(app, downloadArtifact, services, async ({ params, reply }) =>
    download(reply, await manager.files.artifact(params.id, params.name)),
  );
}
