// The dashboard: the built pages of dist/ui under /ui/. Every path there that is no file is a page of the dashboard, whose
// program reads the address by itself. Files whose names carry a digest of their content are kept by browsers for ever.
import { existsSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { PawlError } from "../domain/errors.ts";
import { pageHeaders } from "./security-headers.ts";

/** From the sources and from the built program alike. */
const FOLDER = fileURLToPath(new URL("../../dist/ui", import.meta.url));
const PAGE_FILE = "index.html";
const ASSETS = "assets";
const PAGE = { config: { page: true } } as const;

const DIRECTIVES = {
  "default-src": ["'none'"],
  "script-src": ["'self'"],
  "style-src": ["'self'"],
  "img-src": ["'self'"],
  "font-src": ["'self'"],
  "connect-src": ["'self'"],
  "base-uri": ["'none'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'none'"],
};

const IMMUTABLE = "public, max-age=31536000, immutable";
const NOT_BUILT = "The dashboard was not built. `npm run build` builds it; GET /docs shows the API.";

/**
 * Serves the dashboard, and sends a browser that opens the server's root there.
 *
 * @param folder where the built pages are.
 */
export function serveDashboard(app: FastifyInstance, folder = FOLDER): void {
  const isBuilt = existsSync(join(folder, PAGE_FILE));
  if (isBuilt) provideFiles(app, folder);
  const besideThePage = new Set(isBuilt ? readdirSync(folder) : []);
  const isFile = (path: string) => path.startsWith(`${ASSETS}/`) || (path !== PAGE_FILE && besideThePage.has(path));
  let headers: ReturnType<typeof pageHeaders> | undefined;
  app.get("/", PAGE, async (_request, reply) => reply.redirect(isBuilt ? "/ui/" : "/docs", 302));
  app.get("/ui", PAGE, async (_request, reply) => reply.redirect("/ui/", 302));
  app.get<{ Params: { "*": string } }>("/ui/*", PAGE, async ({ params: { "*": path } }, reply) => {
    if (!isBuilt) throw new PawlError("not_found", NOT_BUILT);
    if (isFile(path)) return reply.sendFile(path);
    headers ??= pageHeaders(DIRECTIVES);
    return reply.headers(await headers).sendFile(PAGE_FILE);
  });
}

/** Makes `sendFile` known. It serves nothing by itself: the routes say what is there. */
function provideFiles(app: FastifyInstance, folder: string): void {
  const assets = join(folder, ASSETS, sep);
  app.register(fastifyStatic, {
    root: folder,
    serve: false,
    preCompressed: true,
    cacheControl: false,
    // Asked for files that are there alone: a browser would keep for ever that there is none, too.
    setHeaders: (reply, file) => void reply.header("cache-control", file.startsWith(assets) ? IMMUTABLE : "no-cache"),
  });
}
