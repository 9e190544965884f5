// `pawl tokens`: makes, lists and revokes tokens in a data folder or a PostgreSQL database, whether a server runs on it or
// not. A token's secret is printed once, alone on stdout; what explains it goes to stderr.
import { type Command, Option } from "commander";
import { SCOPES, type Scope, type Token } from "../../domain/access.ts";
import { invalidRequest, PawlError } from "../../domain/errors.ts";
import { LIMITS } from "../../domain/limits.ts";
import { systemClock } from "../../engine/system-clock.ts";
import { createTokens } from "../../engine/tokens.ts";
import type { AuditWrite } from "../../ports/access-store.ts";
import { type ConfigSources, readConfig } from "../config.ts";
import { parseDuration } from "../durations.ts";
import { addSettings } from "../flags.ts";
import { openAccess } from "../open-access.ts";
import { operatingSystemUser } from "../os-user.ts";
import { hasEnded, issuedText, revokedText, tokenJson, tokenTable } from "../token-report.ts";

/** Adds the commands to the program. */
export function addTokensCommand(program: Command): void {
  const tokens = program
    .command("tokens")
    .description("Make, list and revoke the tokens that callers show, whether a server runs or not.");
  const add = (name: string, description: string) => {
    const command = tokens.command(name).description(description);
    addSettings(command, ["data", "database", "schema"]);
    return command;
  };
  add("create", "Make a token. It is printed on stdout, this once, and kept nowhere.")
    .requiredOption("--name <name>", "Required. Whom history and audit name; unique among valid tokens.")
    .addOption(new Option("--scope <scope>", "Required. What it may do.").choices(SCOPES).makeOptionMandatory())
    .option("--expires <duration>", "How long it is valid, such as 24h or 30d. Default: until it is revoked.")
    .action(create);
  add("list", "List all tokens, ended ones too, newest first.")
    .option("--json", "Print them as one JSON document.")
    .action(list);
  add("revoke", "End a token, with its sessions and live streams.")
    .argument("<id-or-name>", "Its id, or the name of a valid one.")
    .action(revoke);
}

type Flags = ConfigSources["flags"];

interface CreateFlags extends Flags {
  readonly name: string;
  readonly scope: Scope;
  readonly expires?: string;
}

async function create({ name, scope, expires, ...flags }: CreateFlags): Promise<void> {
  const expiresInMs = expires === undefined ? null : readDuration(expires);
  const config = readConfig(flags);
  await using open = await openAccess(config, { create: true });
  const tokens = createTokens(open.tokens);
  const isFirst = !(await tokens.hasTokens());
  const issued = await tokens.createToken({ name, scope, expiresInMs }, { actor: actor() });
  // Before the audit: if that fails, the token exists, and nobody could ever see it again.
  process.stdout.write(`${issued.token}\n`);
  process.stderr.write(issuedText(issued, { ...config, isFirst, isNew: open.isNew }));
  await open.audit.appendAudit([entry("tokens create", issued)]);
}

function readDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms <= LIMITS.tokenMs) return ms;
  throw invalidRequest(
    `--expires must be a duration of at most ten years, such as 90s, 15m, 24h or 30d; it is ${JSON.stringify(text)}.`,
  );
}

async function list({ json = false, ...flags }: Flags & { readonly json?: boolean }): Promise<void> {
  await using open = await openAccess(readConfig(flags), { create: false });
  const tokens = await createTokens(open.tokens).tokens();
  const now = systemClock.now();
  process.stdout.write(json ? tokenJson(tokens, now) : tokenTable(tokens, now));
}

async function revoke(idOrName: string, flags: Flags): Promise<void> {
  await using open = await openAccess(readConfig(flags), { create: false });
  const tokens = createTokens(open.tokens);
  const before = find(await tokens.tokens(), idOrName, systemClock.now());
  if (before.revokedAt !== null) {
    process.stdout.write(revokedText(before, { already: true }));
    return;
  }
  const revoked = await tokens.revokeToken(before.id, { actor: actor() });
  await open.audit.appendAudit([entry("tokens revoke", revoked)]);
  process.stdout.write(revokedText(revoked, { already: false }));
}

/** By id, else the valid token of that name (there is at most one), else the newest that had it. */
function find(tokens: readonly Token[], idOrName: string, now: number): Token {
  const named = tokens.filter(({ name }) => name === idOrName);
  const found = tokens.find(({ id }) => id === idOrName) ?? named.find((token) => !hasEnded(token, now)) ?? named.at(0);
  if (found) return found;
  throw new PawlError(
    "not_found",
    `There is no token with the id or name ${JSON.stringify(idOrName)}. "tokens list" shows those that there are.`,
  );
}

const actor = () => `cli:${operatingSystemUser()}`;

const entry = (action: string, { id }: Token): AuditWrite => ({
  actor: actor(),
  tokenId: null,
  address: null,
  action,
  target: id,
  outcome: "done",
  code: null,
  reason: null,
  count: 1,
});
