// What a configuration means for callers: whether they need a token, and whether the earlier APIs are there for them.
// Beyond loopback nobody gets in without a token, unless that was said in so many words.
import { PawlError } from "../domain/errors.ts";
import { isLoopback } from "../http/access/loopback.ts";
import type { TokenStore } from "../ports/access-store.ts";
import type { Config } from "./config.ts";
import { programName, whereFlags } from "./invocation.ts";

export const servesEarlierApis = ({ compat, host }: Pick<Config, "compat" | "host">): boolean =>
  compat === "on" || (compat === "auto" && isLoopback(host));

/** The command that makes a token for the data folder of `config`. */
export const createCommand = (config: Pick<Config, "data" | "database">, name: string, scope: string): string =>
  `${programName()} tokens create --name ${name} --scope ${scope}${whereFlags(config)}`;

/** Refuses with `invalid_config` to serve strangers: beyond loopback a valid token has to exist, unless `auth` is off. */
export async function refuseStrangers(tokens: TokenStore, config: Config): Promise<void> {
  if (isLoopback(config.host) || config.auth === "off") return;
  if ((await tokens.tokens()).some(({ validForMs }) => validForMs !== 0)) return;
  throw new PawlError(
    "invalid_config",
    `Other machines can reach ${config.host}, and there is no valid token that would keep strangers out. ` +
      `Make one, then start again:\n  ${createCommand(config, "admin", "admin")}\n` +
      "Or let everybody in who reaches the address, with --auth off.",
  );
}

export async function needsToken(tokens: TokenStore, { auth, host }: Pick<Config, "auth" | "host">): Promise<boolean> {
  if (auth !== "auto") return auth === "on";
  return !isLoopback(host) || (await tokens.hasTokens());
}
