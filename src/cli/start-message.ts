// What `pawl serve` prints when it serves: where it is, who may call, and what else is there.
import { isLoopback } from "../http/access/loopback.ts";
import type { Server } from "./compose.ts";
import type { Config } from "./config.ts";
import { createCommand, servesEarlierApis } from "./who-may-call.ts";

/** Some lines for a person, each ended. */
export function startMessage({ url, needsToken }: Pick<Server, "url" | "needsToken">, config: Config): string {
  const lines = [
    `Pawl serves on ${url}`,
    `API docs: ${url}/docs   Data: ${config.data}`,
    ...(needsToken ? callersWithToken(config) : callersWithout(config)),
    servesEarlierApis(config)
      ? "The earlier APIs are served too (--no-compat turns them off)."
      : "The earlier APIs are not served (--compat on serves them).",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

const callersWithToken = (config: Config) => [
  "Every caller needs a token. This makes one:",
  `  ${createCommand(config, "ada", "operate")}`,
];

function callersWithout(config: Config): readonly string[] {
  if (!isLoopback(config.host)) return ["Nobody needs a token: EVERYBODY who reaches this address may do everything."];
  if (config.auth === "off") return ["Nobody needs a token: everybody on this machine may do everything."];
  return [
    "Nobody needs a token: everybody on this machine may do everything, until a first token is made:",
    `  ${createCommand(config, "admin", "admin")}`,
  ];
}
