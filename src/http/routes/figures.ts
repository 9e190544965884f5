// How much there is, how fast it goes, and who works: for people as JSON, for Prometheus as text.
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { getMetrics, getStats, listWorkers, METRICS_MEDIA_TYPE } from "../../api/figure-operations.ts";
import { createMetrics } from "../metrics.ts";
import type { RouteServices } from "../route-services.ts";
import { serve } from "../serve.ts";

export function figureRoutes(app: FastifyInstance, services: RouteServices): void {
  const { manager } = services;
  const metrics = createMetrics(manager);
  serve(app, getStats, services, () => manager.stats());
  serve(app, listWorkers, services, async () => ({ items: await manager.workers() }));
  serve(app, getMetrics, services, async ({ reply }) => {
    const text = await metrics.read();
    reply.type(METRICS_MEDIA_TYPE);
    return Readable.from([text], { objectMode: false });
  });
}
