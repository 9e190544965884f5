// Jobs that are submitted again and again.
import type { FastifyInstance } from "fastify";
import {
  createSchedule,
  editSchedule,
  getSchedule,
  listSchedules,
  removeSchedule,
} from "../../api/schedule-operations.ts";
import type { RouteServices } from "../route-services.ts";
import { serve } from "../serve.ts";

export function scheduleRoutes(app: FastifyInstance, services: RouteServices): void {
  const { schedules } = services.manager;
  serve(app, listSchedules, services, async () => ({ items: await schedules.list() }));
  serve(app, createSchedule, services, async ({ body, reply }) => {
    const schedule = await schedules.create(body);
    reply.header("location", `/api/v1/schedules/${encodeURIComponent(schedule.name)}`);
    return schedule;
  });
  serve(app, getSchedule, services, ({ params }) => schedules.get(params.name));
  serve(app, editSchedule, services, ({ params, body }) => schedules.edit(params.name, body));
  serve(app, removeSchedule, services, async ({ params }) => {
    await schedules.remove(params.name);
    return undefined;
  });
}
