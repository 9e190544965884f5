// The attacker's web server: one page that can send whatever a page can send, under any name that leads here. It can also
// play a name whose address changes once the page is there (DNS rebinding): then all but the page is the victim's.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";

export interface AttackerOptions {
  /** The port of the server that the name leads to, once the page is loaded. */
  readonly reboundTo?: number;
}

const SERVICE_WORKER = `
  addEventListener("install", () => skipWaiting());
  addEventListener("activate", (event) => event.waitUntil(clients.claim()));
  addEventListener("message", ({ data }) => fetch(data.url, data.options).catch(() => {}));`;

/** Starts one that ends with the test, and answers its port. The page is at `/attack`. */
export async function startAttacker(t: TestContext, { reboundTo }: AttackerOptions = {}): Promise<number> {
  const script = await readFile(new URL("./attack-page.js", import.meta.url), "utf8");
  // An icon of its own, or the browser asks for one.
  const page = `<!doctype html><title>Free kittens</title><link rel="icon" href="data:,"><body>
    <script>${script.replaceAll("</script", "<\\/script")}</script>`;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://attacker");
    if (pathname === "/attack") answer(response, "text/html; charset=utf-8", page);
    else if (reboundTo !== undefined) forward(request, response, reboundTo);
    else if (pathname === "/service-worker.js") answer(response, "text/javascript", SERVICE_WORKER);
    // 307 keeps the method and the body.
    else response.writeHead(307, { location: searchParams.get("to") ?? "/attack" }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

function answer(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { "content-type": type }).end(body);
}

/** Passes everything on as it is, the Host above all. */
function forward(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { url: path, method, headers } = request;
  const onward = ask({ host: "127.0.0.1", port, path, method, headers, setHost: false }, (reply) => {
    response.writeHead(reply.statusCode ?? 0, reply.headers);
    reply.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}
