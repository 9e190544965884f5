// Live streams of server-sent events.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { streamEvents, streamJob } from "../../api/stream-operations.ts";
import type { RouteServices } from "../route-services.ts";
import { serve } from "../serve.ts";

const lastEventIdOf = (request: FastifyRequest) => request.headers["last-event-id"]?.toString();

export function streamRoutes(app: FastifyInstance, services: RouteServices): void {
  const { hub } = services;
  serve(app, streamEvents, services, async ({ query, request, reply }) => {
    hub.followAll(reply, query, lastEventIdOf(request));
    return undefined;
  });
  serve(app, streamJob, services, async ({ params, query, request, reply }) => {
    await hub.followJob(reply, params.id, { after: query.after ?? 0, lastEventId: lastEventIdOf(request) });
    return undefined;
  });
}
