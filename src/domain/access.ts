// Who may do what: scopes, tokens, callers, and the audit of what callers did. A scope includes those before it.
import type { ErrorCode } from "./errors.ts";

/**
 * - `read`: look at everything but tokens and audit.
 * - `operate`: submit, edit, pause, resume, cancel, terminate and retry jobs; upload files.
 * - `admin`: roll back finished jobs, delete jobs, set queues and schedules, make tokens, read the audit.
 */
export const SCOPES = ["read", "operate", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** Whether one who holds `held` may do what needs `needed`. */
export const includes = (held: Scope, needed: Scope): boolean => SCOPES.indexOf(held) >= SCOPES.indexOf(needed);

/** The name of a caller without credentials, where none are needed. */
export const ANONYMOUS = "anonymous";

/** A token, without its secret, which nobody keeps. Times are ISO 8601. */
export interface Token {
  /** The part of the token that is no secret: 12 hex digits. */
  readonly id: string;
  /** Unique among the tokens that are valid; whom history and audit name. */
  readonly name: string;
  readonly scope: Scope;
  readonly createdAt: string;
  readonly createdBy: string;
  /** `null`: never. */
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  /** To the minute; `null`: never. */
  readonly lastUsedAt: string | null;
}

/** A token as its maker gets it, once. */
export interface IssuedToken extends Token {
  /** `pawl_<id>_<secret>`. */
  readonly token: string;
}

/** What a token may be called. */
export const TOKEN_NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

export interface NewToken {
  /** 1 to 64 letters, digits and `. _ - @`, starting with a letter or digit. */
  readonly name: string;
  readonly scope: Scope;
  /** How long it is valid, in ms; `null` or left out: until it is revoked. */
  readonly expiresInMs?: number | null;
}

/** Whoever makes a request, once that is known. */
export interface Caller {
  /** The token's name, or `anonymous`. */
  readonly name: string;
  readonly scope: Scope;
  /** `null` where no credential was needed. */
  readonly tokenId: string | null;
}

/** What a caller did, or was refused. */
export interface AuditEntry {
  /** Grows with every entry. */
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  /** A caller's name; `null`: callers that were not known, summed up. */
  readonly actor: string | null;
  readonly tokenId: string | null;
  /** The address that the request came from; `null` for the command line and for sums. */
  readonly address: string | null;
  /** The `operationId` of the request, or a verb of the command line, such as `tokens create`; `other`: of no operation. */
  readonly action: string;
  /** What it was done to, such as the id of a job or the name of a queue. */
  readonly target: string | null;
  readonly outcome: "done" | "refused";
  /** Of a refusal. */
  readonly code: ErrorCode | null;
  /** What the caller gave as reason. */
  readonly reason: string | null;
  /** How many this entry stands for: 1, except for sums. */
  readonly count: number;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly outcome?: AuditEntry["outcome"];
}
