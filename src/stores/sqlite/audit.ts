// The audit: appended to and shortened on the writer's thread, read on either.
// Invariant: entries go from the oldest on, so that what is left has no holes.
import type { DatabaseSync } from "node:sqlite";
import type { AuditFilter } from "../../domain/access.ts";
import type { AuditStore } from "../../ports/store.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/audit.ts";
import { records } from "./reads.ts";

export function createAuditWrites(db: DatabaseSync) {
  const append = db.prepare(sql.appendAudit);
  const pruneAged = db.prepare(sql.pruneAged);
  const pruneCounted = db.prepare(sql.pruneCounted);
  return {
    appendAudit({ now }: Moment, members: string): string {
      append.run(members, now);
      return "";
    },
    /** Answers how many went. */
    pruneAudit({ now }: Moment, ruleText: string): string {
      const { maxAgeMs, maxCount, limit }: Parameters<AuditStore["pruneAudit"]>[0] = JSON.parse(ruleText);
      const aged = maxAgeMs === null ? 0 : Number(pruneAged.run({ until: now - maxAgeMs, now, limit }).changes);
      const left = limit - aged;
      if (maxCount === null || left <= 0) return String(aged);
      return String(aged + Number(pruneCounted.run({ maxCount, limit: left }).changes));
    },
  };
}

type AuditQuery = Parameters<AuditStore["audit"]>[0];

/** What narrows the search most comes first: little was done to one target, and little is refused. */
function planOf({ target, outcome, actor, action }: AuditFilter): keyof typeof sql.audit {
  if (target !== undefined) return "target";
  if (outcome === "refused") return "refused";
  if (actor !== undefined) return "actor";
  return action === undefined ? "all" : "action";
}

const refusedOf = (outcome: AuditFilter["outcome"]) => (outcome === undefined ? null : Number(outcome === "refused"));

export function createAuditReads(db: DatabaseSync) {
  const { target, refused, actor, action, all } = sql.audit;
  const pages = {
    target: db.prepare(target),
    refused: db.prepare(refused),
    actor: db.prepare(actor),
    action: db.prepare(action),
    all: db.prepare(all),
  };
  return {
    audit(_: Moment, queryText: string): string {
      const { filter, before, limit }: AuditQuery = JSON.parse(queryText);
      const page = pages[planOf(filter)];
      const parameters = {
        actor: filter.actor ?? null,
        action: filter.action ?? null,
        target: filter.target ?? null,
        refused: refusedOf(filter.outcome),
        before: before ?? Number.MAX_SAFE_INTEGER,
        limit,
      };
      return records(page.all(parameters));
    },
  };
}
