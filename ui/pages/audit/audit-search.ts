// What the address of the audit holds: the filter.

export interface AuditSearch {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly outcome?: "done" | "refused";
}

export function auditSearch(search: Readonly<Record<string, unknown>>): AuditSearch {
  const text = (name: string) => {
    const value = search[name];
    return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
  };
  const { outcome } = search;
  return {
    ...(text("actor") === "" ? {} : { actor: text("actor") }),
    ...(text("action") === "" ? {} : { action: text("action") }),
    ...(text("target") === "" ? {} : { target: text("target") }),
    ...(outcome === "done" || outcome === "refused" ? { outcome } : {}),
  };
}
