// Queues, as operators see and set them.
import type { FastifyInstance } from "fastify";
import { editQueue, listQueues, pauseQueue, resumeQueue } from "../../api/queue-operations.ts";
import type { RouteServices } from "../route-services.ts";
import { serve } from "../serve.ts";

export function queueRoutes(app: FastifyInstance, services: RouteServices): void {
  const { queues } = services.manager;
  serve(app, listQueues, services, async () => ({ items: await queues.list() }));
  serve(app, pauseQueue, services, ({ params, body, caller }) =>
    queues.pause(params.name, { ...body, actor: caller.name }),
  );
  serve(app, resumeQueue, services, ({ params }) => queues.resume(params.name));
  serve(app, editQueue, services, ({ params, body }) => queues.edit(params.name, body));
}
