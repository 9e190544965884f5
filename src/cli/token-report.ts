// What `pawl tokens` tells a person. Never a secret: that is printed alone.
import type { IssuedToken, Scope, Token } from "../domain/access.ts";
import { type DatabasePlace, placeText } from "./database-place.ts";

const MAY: Readonly<Record<Scope, string>> = {
  read: "look at everything but tokens and audit",
  operate: "look, submit, edit and steer jobs, and upload files",
  admin: "do everything",
};

/** `valid`, `expired` or `revoked`, at `now` (epoch ms). */
function stateOf({ revokedAt, expiresAt }: Token, now: number): "valid" | "expired" | "revoked" {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && Date.parse(expiresAt) <= now ? "expired" : "valid";
}

export const hasEnded = (token: Token, now: number): boolean => stateOf(token, now) !== "valid";

interface Place {
  readonly database: DatabasePlace;
  /** The schema, where the database has some. */
  readonly schema: string;
  /** Whether the file or schema was made for it. */
  readonly isNew: boolean;
  /** Whether no token was ever made there before. */
  readonly isFirst: boolean;
}

/** What stands on stderr beside a new token. */
export function issuedText({ id, name, scope, expiresAt }: IssuedToken, place: Place): string {
  const where = whereText(place);
  const lines = [
    `Token ${name} (${id}, ${scope}) may ${MAY[scope]}, ${expiresAt === null ? "until it is revoked" : `until ${expiresAt}`}.`,
    "Its secret is shown this once and kept nowhere. Send it with each request:",
    '  curl -H "Authorization: Bearer <token>" http://127.0.0.1:8080/api/v1/session',
  ];
  lines.push(
    place.isNew
      ? `It is good for ${where}, which was just made: no server has run there yet. ${meant(place)}`
      : `It is good for ${where}.`,
  );
  if (place.isFirst) lines.push("It is the first token there: from now on every caller needs one, unless auth is off.");
  return lines.map((line) => `${line}\n`).join("");
}

const whereText = ({ database, schema }: Place) =>
  database.kind === "sqlite" ? placeText(database) : `the schema ${schema} of ${placeText(database)}`;

const meant = ({ database }: Place) =>
  database.kind === "sqlite"
    ? "Was another folder meant? --data names it."
    : "Was another one meant? --database and --schema name it.";

export function revokedText(
  { id, name, scope, revokedAt, revokedBy }: Token,
  { already }: { already: boolean },
): string {
  return already
    ? `Token ${name} (${id}, ${scope}) was already revoked at ${revokedAt} by ${revokedBy}.\n`
    : `Revoked token ${name} (${id}, ${scope}). Its sessions and live streams end with it, within two seconds.\n`;
}

/** The tokens as the HTTP API lists them, each with its state. */
export const tokenJson = (tokens: readonly Token[], now: number): string =>
  `${JSON.stringify({ items: tokens.map((token) => ({ ...token, state: stateOf(token, now) })) }, null, 2)}\n`;

const HEAD = ["ID", "NAME", "SCOPE", "CREATED", "EXPIRES", "LAST USED", "STATE"] as const;

export function tokenTable(tokens: readonly Token[], now: number): string {
  if (tokens.length === 0) return "No token was made here yet.\n";
  const rows = tokens.map((token) => [
    token.id,
    token.name,
    token.scope,
    shortTime(token.createdAt),
    shortTime(token.expiresAt),
    shortTime(token.lastUsedAt),
    stateOf(token, now),
  ]);
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return [HEAD, ...rows].map((cells) => `${line(cells).trimEnd()}\n`).join("");
}

/** To the minute, as nothing finer is kept of a use. */
const shortTime = (at: string | null) => (at === null ? "never" : at.replace(/:\d\d\.\d+Z$/, "Z"));
