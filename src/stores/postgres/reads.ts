// Jobs by id.
import type { JobStore } from "../../ports/store.ts";
import { jobRecordOf, listedJobOf } from "../sql/rows.ts";
import type { Session } from "./database.ts";
import * as sql from "./queries/reads.ts";
import { isStorable } from "./storable.ts";

export function createReads(database: Session): Pick<JobStore, "get" | "listed"> {
  return {
    async get(ids) {
      const known = ids.filter(isStorable);
      if (known.length === 0) return [];
      return (await database.run(sql.get, JSON.stringify(known))).map((row) => jobRecordOf(row.record));
    },
    async listed(ids) {
      const known = ids.filter(isStorable);
      if (known.length === 0) return [];
      return (await database.run(sql.listed, JSON.stringify(known))).map((row) => listedJobOf(row.record));
    },
  };
}
