// The requests that steer a job. 202: requested. 200: it was so already.
import type { FastifyInstance, FastifyReply } from "fastify";
import {
  bulkAction,
  cancelJob,
  pauseJob,
  resumeJob,
  retryJob,
  rollbackJob,
  terminateJob,
} from "../../api/control-operations.ts";
import type { ControlAnswer } from "../../domain/job-control.ts";
import { checkScope } from "../access/scope.ts";
import type { RouteServices } from "../route-services.ts";
import { serve } from "../serve.ts";
import { allowSilence } from "../silence.ts";

export function controlRoutes(app: FastifyInstance, services: RouteServices): void {
  const { manager } = services;
  serve(app, pauseJob, services, async ({ params, body, caller, reply }) =>
    answer(reply, await manager.pause(params.id, { ...body, actor: caller.name })),
  );
  serve(app, resumeJob, services, async ({ params, body, caller, reply }) =>
    answer(reply, await manager.resume(params.id, { ...body, actor: caller.name })),
  );
  serve(app, cancelJob, services, async ({ params, body, caller, reply }) =>
    answer(reply, await manager.cancel(params.id, { ...body, actor: caller.name })),
  );
  serve(app, terminateJob, services, async ({ params, body, caller, reply }) =>
    answer(reply, await manager.terminate(params.id, { ...body, actor: caller.name })),
  );
  serve(app, retryJob, services, async ({ params, body, caller, reply }) =>
    answer(reply, await manager.retry(params.id, { ...body, actor: caller.name })),
  );
  serve(app, rollbackJob, services, async ({ params, body, caller, reply }) =>
    answer(reply, await manager.rollback(params.id, { ...body, actor: caller.name })),
  );
  serve(app, bulkAction, services, async ({ body, caller, request }) => {
    if (body.action === "rollback") checkScope(caller, "admin", "Rolling back finished jobs");
    const counts = await allowSilence(request, () => manager.bulk(body, { actor: caller.name }));
    request.unchanged = body.dryRun === true;
    request.auditTarget = `${body.action} of ${counts.requested} jobs`;
    return counts;
  });
}

function answer(reply: FastifyReply, { outcome, job }: ControlAnswer) {
  reply.code(outcome === "requested" ? 202 : 200);
  return job;
}
