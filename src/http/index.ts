// Public entry `pawl/http`: serves a manager's jobs over HTTP.
export { createHttpServer, type HttpServer, type HttpServerOptions } from "./server.ts";
