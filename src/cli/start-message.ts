// What `pawl serve` prints when it serves: where it is, who may call, and what else is there.
import { isLoopback } from "../http/access/loopback.ts";
import type { Server } from "./compose.ts";
import type { Config } from "./config.ts";
import { placeText } from "./database-place.ts";
import { createCommand, servesEarlierApis } from "./who-may-call.ts";

/** Some lines for a person, each ended. */
export function startMessage(server: Pick<Server, "url" | "callers">, config: Config): string {
  const url = reachable(server.url);
  const lines = [
    `Pawl serves on ${server.url}`,
    `Dashboard: ${url}/ui/   API docs: ${url}/docs`,
    `Data: ${whereText(config)}`,
    ...(server.callers.needToken ? callersWithToken(server, config) : callersWithout(config)),
    ...(isLoopback(config.host) ? [] : [UNENCRYPTED]),
    ...(config.work === "off" ? ["No jobs run in this process: start workers with pawl work."] : []),
    servesEarlierApis(config)
      ? "The earlier APIs are served too (PAWL_COMPAT=off turns them off)."
      : "The earlier APIs are not served (PAWL_COMPAT=on serves them).",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

const whereText = ({ database, data, schema }: Config) =>
  database.kind === "sqlite" ? data : `${placeText(database)}, schema ${schema}`;

const UNENCRYPTED =
  "What goes over the network is plain HTTP, tokens included: put a reverse proxy with TLS in front of it.";

/** "Every address" can be listened on, and not be called. */
const reachable = (url: string) => url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");

function callersWithToken({ callers: { widest } }: Pick<Server, "callers">, config: Config): readonly string[] {
  switch (widest) {
    case null:
      return ["Every caller needs a token, and there is no valid one. This makes one:", forAdmin(config)];
    case "read":
      return [
        "Every caller needs a token, and NONE of the valid ones may do more than read. This makes one for an admin:",
        forAdmin(config),
      ];
    case "operate":
      return ["Every caller needs a token. No valid one is for an admin; this makes one:", forAdmin(config)];
    case "admin":
      return ["Every caller needs a token. This makes one:", `  ${createCommand(config, "ada", "operate")}`];
  }
}

const forAdmin = (config: Config) => `  ${createCommand(config, "admin", "admin")}`;

/** Where `auth` is `auto` no token was ever made then. */
function callersWithout(config: Config): readonly string[] {
  if (!isLoopback(config.host)) return ["Nobody needs a token: EVERYBODY who reaches this address may do everything."];
  const behindProxy = config.trustedProxies.length > 0;
  if (config.auth === "off") {
    const who = behindProxy ? "EVERYBODY who reaches the proxy" : "everybody on this machine";
    return [`Nobody needs a token: ${who} may do everything.`];
  }
  return [
    behindProxy
      ? "Everybody needs a token where a proxy is trusted, and there is none. Make one:"
      : "Nobody needs a token: everybody on this machine may do everything, until a first token is made:",
    forAdmin(config),
  ];
}
