// The server itself: is it alive, is it ready, what does it offer.
import { z } from "zod";
import { operation } from "./operation.ts";

const status = <T extends string>(word: T) => z.object({ status: z.literal(word) });

export const health = operation({
  id: "health",
  scope: "public",
  method: "GET",
  path: "/healthz",
  tag: "Server",
  summary: "Does the process live?",
  description: "Answers as long as the process serves requests, whatever the store does. Any Host is accepted.",
  replies: { 200: { description: "It does.", schema: status("ok"), example: { status: "ok" } } },
  errors: [],
});

export const readiness = operation({
  id: "readiness",
  scope: "public",
  method: "GET",
  path: "/readyz",
  tag: "Server",
  summary: "Does it take work?",
  description: "503 while it starts, while it stops, and while the store does not answer. Any Host is accepted.",
  replies: { 200: { description: "It does.", schema: status("ready"), example: { status: "ready" } } },
  errors: [],
});

export const openApi = operation({
  id: "openApi",
  scope: "public",
  method: "GET",
  path: "/openapi.json",
  tag: "Server",
  summary: "This document",
  description: "OpenAPI 3.1, generated from the schemas that check requests and write replies.",
  replies: {
    200: {
      description: "The document.",
      schema: z.object({ openapi: z.string() }).loose(),
      example: { openapi: "3.1.1" },
    },
  },
  errors: [],
});
