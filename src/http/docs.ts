// The API's documentation as pages: Scalar, from this server alone. Loaded when it is first asked for, because its bundle
// costs 0.2 s and 20 MB that a server which nobody reads about should not pay.
import { createHash } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import { type Headers, pageHeaders } from "./security-headers.ts";

const PAGES = ["/docs", "/docs/", "/swagger", "/swagger/"];
const SCRIPT = "/docs/scalar.js";
const PAGE = { config: { page: true } } as const;

/** As bytes: a string of these sizes would be encoded anew for each of those who ask, and anybody may ask. */
interface Documentation {
  readonly page: Buffer;
  readonly script: Buffer;
  readonly headers: Headers;
}

/** The page writes styles of its own and shows embedded images and fonts; scripts are this server's and the page's one. */
const directivesFor = (inlineScript: string) => ({
  "default-src": ["'none'"],
  "script-src": ["'self'", `'sha256-${createHash("sha256").update(inlineScript).digest("base64")}'`],
  "style-src": ["'self'", "'unsafe-inline'"],
  "img-src": ["'self'", "data:", "blob:"],
  "font-src": ["'self'", "data:"],
  "connect-src": ["'self'"],
  "worker-src": ["'self'", "blob:"],
  "base-uri": ["'none'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'none'"],
});

async function load(): Promise<Documentation> {
  const { default: scalar } = await import("@scalar/fastify-api-reference");
  const app = Fastify();
  await app.register(scalar, {
    routePrefix: "/docs",
    configuration: {
      pageTitle: "Pawl API",
      url: "/openapi.json",
      cdn: SCRIPT,
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: "never",
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
  const [page, script] = await Promise.all([app.inject("/docs/"), app.inject("/docs/js/scalar.js")]);
  await app.close();
  const inline = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(page.body)?.[1] ?? "";
  return { page: page.rawPayload, script: script.rawPayload, headers: await pageHeaders(directivesFor(inline)) };
}

/** Serves the pages. */
export function serveDocs(app: FastifyInstance): void {
  let loading: Promise<Documentation> | undefined;
  const documentation = () => {
    loading ??= load();
    return loading;
  };
  for (const url of PAGES) {
    app.get(url, PAGE, async (_request, reply) => {
      const { page, headers } = await documentation();
      return reply.headers(headers).type("text/html; charset=utf-8").send(page);
    });
  }
  app.get(SCRIPT, PAGE, async (_request, reply) => {
    const { script } = await documentation();
    return reply.type("text/javascript; charset=utf-8").send(script);
  });
}
