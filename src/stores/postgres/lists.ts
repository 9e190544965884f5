// Lists of jobs: chooses how to answer, so that a page takes about as long with a million jobs as with a thousand.
import type { JobStore, ListQuery } from "../../ports/store.ts";
import { integerOf, listedJobOf } from "../sql/rows.ts";
import type { Database, Row, Value } from "./database.ts";
import * as sql from "./queries/lists.ts";
import { isStorable } from "./storable.ts";

type Plan = keyof typeof sql.list;

/** Up to this many jobs with a label or prefix, each is looked at. */
const FEW = 5_000;

const UNBOUND = { newest: Number.MAX_SAFE_INTEGER, oldest: 0 } as const;

// Past every text that begins with the prefix: the greatest code point.
const endOfPrefix = (prefix: string) => `${prefix}\u{10FFFF}`;

const isPlaced = ({ state, type, queue }: ListQuery) =>
  state !== undefined || type !== undefined || queue !== undefined;

export function createLists(database: Database): Pick<JobStore, "list"> {
  const areFew = async (count: string, ...values: readonly Value[]): Promise<boolean> =>
    integerOf((await database.ask(count, ...values, FEW + 1))[0], "jobs") <= FEW;

  /** To be tried in this order: the first that fills the page is right, and the last one always is. */
  async function plansOf(query: ListQuery): Promise<readonly Plan[]> {
    const { key, q, label } = query;
    if (key !== undefined) return ["keyed"];
    if (label !== undefined) {
      const all = !isPlaced(query) || (await areFew(sql.countLabelled, label));
      return all ? ["labelled"] : ["recentlyLabelled", "sifted"];
    }
    if (q !== undefined) {
      if (await areFew(sql.countPrefixed, q, endOfPrefix(q))) return ["recent", "prefixed"];
      return ["recent", isPlaced(query) ? "sifted" : "scanned"];
    }
    return isPlaced(query) ? ["placed"] : ["scanned"];
  }

  function answer(plan: Plan, query: ListQuery, bound: number): Promise<readonly Row[]> {
    const { state, type, queue, key, label, q, order, limit } = query;
    const statement = sql.list[plan][order];
    const place = [state ?? null, type?.filter(isStorable) ?? null, queue?.filter(isStorable) ?? null, bound, limit];
    if (plan === "placed") return database.run(statement, ...place);
    const texts = [key ?? null, label ?? null, q ?? null, q === undefined ? null : endOfPrefix(q)];
    // How much a prefix stands for differs by far: the plan is for this one.
    return (plan === "prefixed" ? database.ask : database.run)(statement, ...place, ...texts);
  }

  return {
    async list(query) {
      const { key, label, q, order, after, limit } = query;
      if (![key, label, q].every((text) => text === undefined || isStorable(text))) return [];
      const bound =
        after === null ? UNBOUND[order] : integerOf((await database.run(sql.listBound[order], after))[0], "bound");
      let rows: readonly Row[] = [];
      for (const plan of await plansOf(query)) {
        rows = await answer(plan, query, bound);
        if (rows.length >= limit) break;
      }
      return rows.map((row) => listedJobOf(row.job));
    },
  };
}
