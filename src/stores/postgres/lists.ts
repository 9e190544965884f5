// Lists of jobs.
import type { JobStore } from "../../ports/store.ts";
import { integerOf, listedJobOf } from "../sql/rows.ts";
import type { Database } from "./database.ts";
import * as sql from "./queries/lists.ts";
import { isStorable } from "./storable.ts";

// Past every text that begins with the prefix: the greatest code point.
const endOfPrefix = (prefix: string) => `${prefix}\u{10FFFF}`;

export function createLists(database: Database): Pick<JobStore, "list"> {
  return {
    async list({ state, type, queue, key, label, q, order, limit, after }) {
      if (![key, label, q].every((text) => text === undefined || isStorable(text))) return [];
      const bound = after === null ? null : integerOf((await database.run(sql.listBound[order], after))[0], "bound");
      const places = [state ?? null, type?.filter(isStorable) ?? null, queue?.filter(isStorable) ?? null] as const;
      const texts = [key ?? null, label ?? null, q ?? null, q === undefined ? null : endOfPrefix(q)] as const;
      const rows = await database.ask(sql.list[order], ...places, ...texts, bound, limit);
      return rows.map((row) => listedJobOf(row.job));
    },
  };
}
