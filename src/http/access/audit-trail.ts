// Leaves an audit entry of every change and of every refusal, before the reply goes out. What was done stays done when
// the entry cannot be stored; then the program's log has it. No secret, body or query string ever comes here.
import type { FastifyReply, FastifyRequest } from "fastify";
import { isChange } from "../../api/operation.ts";
import type { Caller } from "../../domain/access.ts";
import type { ErrorCode } from "../../domain/errors.ts";
import type { Access } from "../../engine/manager.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { AuditWrite } from "../../ports/store.ts";
import { NOBODY } from "./gate.ts";
import { createMinuteCounts } from "./rate-limits.ts";
import { ANY_ACTION, createRefusalSums } from "./refusal-sums.ts";
import { addressOf } from "./trusted-proxies.ts";
import { withoutTokens } from "./without-tokens.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Why it was refused; `null` when it was not. */
    refusal: ErrorCode | null;
    /** Set where a request that could change something was answered without changing anything, as when it was only tried. */
    unchanged: boolean;
  }
}

export interface AuditTrail {
  /** Call it when the reply is known. Never rejects; answers at once when there is nothing to write. */
  note(request: FastifyRequest, reply: FastifyReply): void | Promise<void>;
  /** Writes what was only counted so far. */
  flush(): Promise<void>;
}

export interface AuditTrailOptions {
  readonly access: Pick<Access, "record">;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createAuditTrail({ access, clock, logger }: AuditTrailOptions): AuditTrail {
  async function write(entries: readonly AuditWrite[]): Promise<void> {
    try {
      await access.record(entries);
    } catch (error) {
      for (const audit of entries)
        logger.error({ audit, err: error }, "An audit entry is kept here, not in the store.");
    }
  }

  const sums = createRefusalSums({ clock, write });
  const refusals = createMinuteCounts(REFUSALS_MAX, clock);
  const isRepeated = (caller: Caller, action: string, code: ErrorCode) =>
    code === "rate_limited" || refusals.count(`${caller.tokenId ?? caller.name} ${action} ${code}`) > 0;

  return {
    note(request, reply) {
      const { operation } = request.routeOptions.config;
      const change = operation !== undefined && isChange(operation);
      const { statusCode } = reply;
      const refused = statusCode >= 400;
      if (!(refused ? change || NAMED_REFUSALS.has(statusCode) : change && !request.unchanged)) return;
      const { caller } = request;
      const action = operation?.id ?? ANY_ACTION;
      const code = refused ? (request.refusal ?? "internal") : null;
      if (caller === NOBODY) return code ? sums.count({ action, code, caller: null }) : undefined;
      if (code && isRepeated(caller, action, code)) return sums.count({ action, code, caller });
      const done = { actor: caller.name, tokenId: caller.tokenId, address: addressOf(request), action } as const;
      const outcome = refused ? "refused" : "done";
      return write([{ ...done, outcome, code, target: targetOf(request), reason: reasonOf(request), count: 1 }]);
    },
    flush: () => sums.flush(),
  };
}

/** Refusals that count even where nothing would have changed: they are about who called. */
const NAMED_REFUSALS = new Set([401, 403, 421, 429]);

/** Refusals of one caller, action and code that are written one by one in a minute. More are summed up: nobody may push
 * out of the audit what others did. */
const REFUSALS_MAX = 20;

const TARGET_MAX = 200;
const REASON_MAX = 500;

function targetOf({ auditTarget, params }: FastifyRequest): string | null {
  const { id, jobID, name }: Readonly<Record<string, unknown>> = Object(params);
  const target = auditTarget ?? id ?? jobID ?? name;
  return typeof target === "string" ? clean(target, TARGET_MAX) : null;
}

function reasonOf({ body }: FastifyRequest): string | null {
  const { reason } = Object(body) as { readonly reason?: unknown };
  return typeof reason === "string" ? clean(reason, REASON_MAX) : null;
}

/** Out of what callers send: whatever could look like a line of its own or reorder one, and any token. */
const clean = (text: string, max: number): string =>
  withoutTokens(text.slice(0, 2 * max))
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "\u{fffd}")
    .slice(0, max)
    .toWellFormed();
