// What a configuration means for callers: whether they need a token, and whether the earlier APIs are there for them.
// Beyond loopback nobody gets in without a token, unless that was said in so many words.
import { SCOPES, type Scope } from "../domain/access.ts";
import { PawlError } from "../domain/errors.ts";
import { isLoopback } from "../http/access/loopback.ts";
import type { TokenStore } from "../ports/access-store.ts";
import type { Config } from "./config.ts";
import { programName, whereFlags } from "./invocation.ts";

/** With `auto` on loopback only; a trusted proxy is there to let others in, so that there are none behind one. */
export const servesEarlierApis = ({
  compat,
  host,
  trustedProxies,
}: Pick<Config, "compat" | "host" | "trustedProxies">): boolean =>
  compat === "on" || (compat === "auto" && isLoopback(host) && trustedProxies.length === 0);

/** The command that makes a token for the data folder of `config`. */
export const createCommand = (
  config: Pick<Config, "data" | "database" | "schema">,
  name: string,
  scope: string,
): string => `${programName()} tokens create --name ${name} --scope ${scope}${whereFlags(config)}`;

/** Refuses with `invalid_config` to serve strangers: beyond loopback a valid token has to exist, unless `auth` is off. */
export async function refuseStrangers(tokens: TokenStore, config: Config): Promise<void> {
  if (isLoopback(config.host) || config.auth === "off") return;
  if ((await widestScope(tokens)) !== null) return;
  throw new PawlError(
    "invalid_config",
    `Other machines can reach ${config.host}, and there is no valid token that would keep strangers out. ` +
      `Make one, then start again:\n  ${createCommand(config, "admin", "admin")}\n` +
      "Or let everybody in who reaches the address, with --auth off.",
  );
}

/** Who may call, as of the start of a server. */
export interface Callers {
  /** Whether those of this machine need a token. */
  readonly needToken: boolean;
  /** The most that a valid token allows; `null`: there is none. */
  readonly widest: Scope | null;
}

export async function callersOf(tokens: TokenStore, { auth, host }: Pick<Config, "auth" | "host">): Promise<Callers> {
  const widest = await widestScope(tokens);
  if (auth !== "auto") return { needToken: auth === "on", widest };
  return { needToken: !isLoopback(host) || (await tokens.hasTokens()), widest };
}

async function widestScope(tokens: TokenStore): Promise<Scope | null> {
  const valid = (await tokens.tokens()).filter(({ validForMs }) => validForMs !== 0);
  return SCOPES.findLast((scope) => valid.some((token) => token.scope === scope)) ?? null;
}
