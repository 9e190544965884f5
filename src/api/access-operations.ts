// Who may call, and what callers did: sessions of browsers, tokens, the audit.
import { z } from "zod";
import { type AuditEntry, type IssuedToken, SCOPES, TOKEN_NAME, type Token } from "../domain/access.ts";
import { ERROR_CODES, type ErrorCode } from "../domain/errors.ts";
import { LIMITS } from "../domain/limits.ts";
import { EXAMPLE_JOB_ID } from "./examples.ts";
import { queryInteger, time } from "./fields.ts";
import { operation } from "./operation.ts";

const scope = z
  .enum(SCOPES)
  .describe(
    "`read` looks, `operate` also submits and steers jobs, `admin` does everything. Each includes those before.",
  );
const tokenId = z.string().regex(/^[0-9a-f]{12}$/, "must be 12 hex digits");

const tokenName = z
  .string()
  .regex(TOKEN_NAME, "must be 1 to 64 letters, digits and . _ - @, starting with a letter or digit")
  .describe("Whom history and audit name. Unique among valid tokens.");

export const sessionSchema = z.object({
  name: z.string().describe("Whom history and audit name: the token's name, or `anonymous`."),
  scope,
  signedIn: z.boolean().describe("False where no credential is needed and none was shown."),
  expiresAt: time().nullable().describe("When the session ends or, without one, the token; `null`: not by itself."),
});
type Session = z.output<typeof sessionSchema>;

const token = {
  id: z.string().describe("The part of the token that is no secret."),
  name: z.string(),
  scope,
  createdAt: time(),
  createdBy: z.string(),
  expiresAt: time().nullable(),
  revokedAt: time().nullable(),
  revokedBy: z.string().nullable(),
  lastUsedAt: time().nullable().describe("To the minute."),
};

export const tokenSchema: z.ZodType<Token> = z.object(token);
export const tokenListSchema: z.ZodType<{ readonly items: readonly Token[] }> = z.object({
  items: z.array(tokenSchema),
});
export const issuedTokenSchema: z.ZodType<IssuedToken> = z.object({
  ...token,
  token: z.string().describe("`pawl_<id>_<secret>`. Shown this once; nobody keeps it."),
});

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];

const auditEntry: z.ZodType<AuditEntry> = z.object({
  seq: z.number(),
  at: time(),
  actor: z.string().nullable().describe("`null`: callers that were not known, summed up."),
  tokenId: z.string().nullable(),
  address: z.string().nullable(),
  action: z
    .string()
    .describe("An `operationId` of this document, or a verb of the command line; `other` for what is not served."),
  target: z.string().nullable().describe("What it was done to, such as a job's id or a queue's name."),
  outcome: z.enum(["done", "refused"]),
  code: z.enum(codes).nullable().describe("Of a refusal."),
  reason: z.string().nullable().describe("What the caller gave as reason."),
  count: z.number().describe("How many this entry stands for: 1, except for sums."),
});
export const auditPageSchema: z.ZodType<{ readonly items: readonly AuditEntry[]; readonly nextBefore: number | null }> =
  z.object({
    items: z.array(auditEntry),
    nextBefore: z.number().nullable().describe("Pass it as `before` to go on; `null` at the end."),
  });

const exampleSession: Session = {
  name: "ada",
  scope: "operate",
  signedIn: true,
  expiresAt: "2025-11-21T21:00:00.000Z",
};

const exampleToken: Token = {
  id: "5f2c9a01b7d4",
  name: "ada",
  scope: "operate",
  createdAt: "2025-11-21T09:00:00.000Z",
  createdBy: "admin",
  expiresAt: "2026-02-19T09:00:00.000Z",
  revokedAt: null,
  revokedBy: null,
  lastUsedAt: null,
};

const base = { tag: "Access" } as const;

export const startSession = operation({
  ...base,
  id: "startSession",
  scope: "public",
  method: "POST",
  path: "/api/v1/session",
  summary: "Sign a browser in",
  description: "Gives an HttpOnly, SameSite=Strict cookie that stands for the token, for 12 hours at most.",
  body: z.strictObject({ token: z.string().min(1).max(200) }),
  bodyExample: { token: "pawl_5f2c9a01b7d4_…" },
  replies: {
    201: {
      description: "Signed in.",
      schema: sessionSchema,
      headers: { "Set-Cookie": "pawl_session=…; Path=/; HttpOnly; SameSite=Strict" },
      example: exampleSession,
    },
  },
  errors: ["unauthenticated", "rate_limited", "storage_full"],
});

export const getSession = operation({
  ...base,
  id: "getSession",
  scope: "read",
  method: "GET",
  path: "/api/v1/session",
  summary: "Who am I?",
  description: "Whom this server takes the caller for, and what the caller may do.",
  replies: { 200: { description: "The caller.", schema: sessionSchema, example: exampleSession } },
  errors: [],
});

export const endSession = operation({
  ...base,
  id: "endSession",
  scope: "public",
  method: "DELETE",
  path: "/api/v1/session",
  summary: "Sign out",
  description: "Ends the session of this browser. Without one nothing happens.",
  replies: { 204: { description: "Signed out." } },
  errors: ["storage_full"],
});

export const listTokens = operation({
  ...base,
  id: "listTokens",
  scope: "admin",
  method: "GET",
  path: "/api/v1/tokens",
  summary: "List tokens",
  description: "Without their secrets, newest first; expired and revoked ones too.",
  replies: { 200: { description: "The tokens.", schema: tokenListSchema, example: { items: [exampleToken] } } },
  errors: [],
});

export const createToken = operation({
  ...base,
  id: "createToken",
  scope: "admin",
  method: "POST",
  path: "/api/v1/tokens",
  summary: "Make a token",
  description:
    "The reply is the only place where its secret ever stands. As soon as a first token was made, every caller needs one, unless the server was told otherwise.",
  body: z.strictObject({
    name: tokenName,
    scope,
    expiresInMs: z
      .int()
      .min(1)
      .max(LIMITS.tokenMs)
      .nullable()
      .optional()
      .describe("How long it is valid. Default: until it is revoked."),
  }),
  bodyExample: { name: "ada", scope: "operate", expiresInMs: 7_776_000_000 },
  replies: {
    201: {
      description: "Made.",
      schema: issuedTokenSchema,
      example: { ...exampleToken, token: "pawl_5f2c9a01b7d4_…" },
    },
  },
  errors: ["name_taken", "storage_full"],
});

export const revokeToken = operation({
  ...base,
  id: "revokeToken",
  scope: "admin",
  method: "DELETE",
  path: "/api/v1/tokens/{id}",
  summary: "Revoke a token",
  description: "It ends at once, with its sessions and live streams. It stays in the list.",
  params: z.strictObject({ id: tokenId }),
  replies: { 200: { description: "The token, revoked.", schema: tokenSchema, example: exampleToken } },
  errors: ["not_found", "storage_full"],
});

export const listAudit = operation({
  ...base,
  id: "listAudit",
  scope: "admin",
  method: "GET",
  path: "/api/v1/audit",
  summary: "Read the audit",
  description:
    "Every change, and every refusal of a known caller, newest first. Refusals of callers that are not known, and of tokens that ask too often, are counted, and summed up once a minute.",
  query: z.strictObject({
    actor: z.string().min(1).max(64).optional(),
    action: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe("An `operationId`, such as `submitJob`, or a verb of the command line, such as `tokens create`."),
    target: z.string().min(1).max(200).optional(),
    outcome: z.enum(["done", "refused"]).optional(),
    before: queryInteger(1, Number.MAX_SAFE_INTEGER).optional().describe("`nextBefore` of the page before."),
    limit: queryInteger(1, 1_000).optional().describe("At most this many. Default 100."),
  }),
  replies: {
    200: {
      description: "A page.",
      schema: auditPageSchema,
      example: {
        items: [
          {
            seq: 812,
            at: "2025-11-21T09:00:00.000Z",
            actor: "ada",
            tokenId: "5f2c9a01b7d4",
            address: "192.0.2.7",
            action: "cancelJob",
            target: EXAMPLE_JOB_ID,
            outcome: "done",
            code: null,
            reason: "two columns are swapped",
            count: 1,
          },
        ],
        nextBefore: null,
      },
    },
  },
  errors: [],
});
