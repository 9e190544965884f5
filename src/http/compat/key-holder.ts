// Which job a caller means by an id of its own. Keys are unique among unfinished jobs only: the newest one is meant.
import type { JobSummary } from "../../domain/job.ts";
import type { State } from "../../domain/lifecycle.ts";
import type { Manager } from "../../engine/manager.ts";

export interface KeyHolderFilter {
  readonly key: string;
  readonly type: readonly string[];
  /** Default: any. */
  readonly state?: readonly State[];
}

/** The newest job that has the key and is of one of the types; `null`: there is none. */
export async function newestKeyHolder(manager: Manager, filter: KeyHolderFilter): Promise<JobSummary | null> {
  const { items } = await manager.list({ ...filter, order: "newest", limit: 1 });
  return items[0] ?? null;
}
