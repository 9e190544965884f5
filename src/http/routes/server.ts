// The server itself: is it alive, is it ready, what does it offer.
import type { FastifyInstance } from "fastify";
import { openApiDocument } from "../../api/openapi.ts";
import { OPERATIONS } from "../../api/operations.ts";
import { health, openApi, readiness } from "../../api/server-operations.ts";
import { PawlError } from "../../domain/errors.ts";
import type { RouteServices } from "../route-services.ts";
import { serve } from "../serve.ts";

export function serverRoutes(app: FastifyInstance, services: RouteServices): void {
  const { manager } = services;
  serve(app, health, services, async () => ({ status: "ok" }) as const);
  serve(app, readiness, services, async () => {
    const state = await manager.readiness();
    if (state === "draining") throw new PawlError("draining", "The server is stopping, and takes no new work.");
    if (state === "starting")
      throw new PawlError("store_unavailable", "The server is starting: recovery is not done yet.");
    return { status: state } as const;
  });
  // Written once, for all: whoever asks needs no credential, and may ask often without ever reading an answer.
  let document: Buffer | undefined;
  serve(app, openApi, services, async ({ reply }) => {
    document ??= Buffer.from(
      JSON.stringify(openApiDocument(OPERATIONS.filter(({ method, path }) => isServed(app, method, path)))),
    );
    void reply.type("application/json; charset=utf-8").send(document);
    return undefined;
  });
}

const isServed = (app: FastifyInstance, method: string, path: string) =>
  app.hasRoute({ method, url: path.replaceAll(/\{(\w+)\}/g, ":$1") });
