// The role of retention over the writer's thread.
import type { RetentionStore } from "../../ports/store.ts";
import type { LocalNotifier } from "../sql/notifier.ts";
import { jobChangeOf, parseArray, parseTexts } from "../sql/rows.ts";
import type { Connection } from "./connection.ts";

export interface RetentionStoreOptions {
  readonly writer: Connection;
  readonly notifier: LocalNotifier;
}

/** Rows that are forgotten at once, of each kind. */
const FORGOTTEN_AT_ONCE = 2_000;

export function createRetentionStore({ writer, notifier }: RetentionStoreOptions): RetentionStore {
  return {
    async prune(rule) {
      const answer = parseArray(JSON.parse(await writer.call("prune", JSON.stringify(rule))), 4);
      const [jobs, fileIds, more, changes] = answer;
      const gone = parseArray(changes).map((change) => ({ ...jobChangeOf(change), removed: true }));
      if (gone.length > 0) notifier.publish({ kind: "changed", jobs: gone });
      return { jobs: Number(jobs), fileIds: parseArray(fileIds).map(String), more: more === true };
    },
    pruneUploads: async ({ ageMs, limit }) => parseTexts(await writer.call("pruneUploads", Math.round(ageMs), limit)),
    async pruneExpired() {
      while ((await writer.call("pruneExpired", FORGOTTEN_AT_ONCE)) === "1");
    },
  };
}
