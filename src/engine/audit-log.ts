// The audit: what callers did, written together with whatever else is to be written, and read page by page.
import type { AuditFilter } from "../domain/access.ts";
import { invalidRequest } from "../domain/errors.ts";
import type { AuditStore, AuditWrite } from "../ports/store.ts";
import { createBatcher } from "./batcher.ts";
import type { Access, AuditRequest } from "./manager.ts";
import { checkFields } from "./request-fields.ts";
import { checkInteger } from "./submit-checks.ts";

export type AuditLog = Pick<Access, "record" | "audit">;

/** Callers whose entries are written at once. */
const WRITE_LIMIT = 1_000;
const PAGE_DEFAULT = 100;
const PAGE_LIMIT = 1_000;

const REQUEST_FIELDS = ["actor", "action", "target", "outcome", "before", "limit"] as const satisfies readonly (
  | keyof AuditRequest
  | keyof AuditFilter
)[];

/**
 * The audit over a store.
 *
 * @example
 * const { items } = await createAuditLog(store.audit).audit({ target: jobId });
 */
export function createAuditLog(store: AuditStore): AuditLog {
  const append = createBatcher<readonly AuditWrite[], void>({
    async flush(groups) {
      await store.appendAudit(groups.flat());
      return groups.map(() => undefined);
    },
    limit: WRITE_LIMIT,
  });
  return {
    async record(entries) {
      if (entries.length > 0) await append(entries);
    },
    async audit(request = {}) {
      checkRequest(request);
      const { before = null, limit = PAGE_DEFAULT, ...filter } = request;
      // One more than asked tells whether there is a next page.
      const entries = await store.audit({ filter, before, limit: limit + 1 });
      const items = entries.slice(0, limit);
      return { items, nextBefore: entries.length > limit ? (items.at(-1)?.seq ?? null) : null };
    },
  };
}

function checkRequest(request: AuditRequest): void {
  checkFields("The audit", request, REQUEST_FIELDS);
  const { outcome, before = 1, limit = 1 } = request;
  checkInteger("before", before, { from: 1, to: Number.MAX_SAFE_INTEGER });
  checkInteger("limit", limit, { from: 1, to: PAGE_LIMIT });
  if (outcome !== undefined && outcome !== "done" && outcome !== "refused") {
    throw invalidRequest(`There is no outcome ${JSON.stringify(outcome)}. Outcomes: done, refused.`);
  }
}
