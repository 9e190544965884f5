// Lists of jobs (on either thread): chooses how to answer, so that a page takes about as long with a million jobs as with
// a thousand. Each answer is a JSON array of records, built by SQLite.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { integerOf, type ListArguments, listArgumentsOf } from "../sql/rows.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/lists.ts";
import { records } from "./reads.ts";

type Plan = keyof typeof sql.list;

/** Up to this many jobs with a label or prefix, each is looked at. */
const FEW = 5_000;

const UNBOUND = { newest: Number.MAX_SAFE_INTEGER, oldest: 0 } as const;

// Past every text that begins with the prefix: the greatest code point.
const endOfPrefix = (prefix: string) => `${prefix}\u{10FFFF}`;

const jsonOrNull = (list: readonly string[] | undefined) => (list === undefined ? null : JSON.stringify(list));

const isPlaced = ({ state, type, queue }: ListArguments) =>
  state !== undefined || type !== undefined || queue !== undefined;

function parametersOf({ state, type, queue, key, label, q, limit }: ListArguments) {
  return {
    states: jsonOrNull(state),
    types: jsonOrNull(type),
    queues: jsonOrNull(queue),
    key: key ?? null,
    label: label ?? null,
    q: q ?? null,
    qEnd: q === undefined ? null : endOfPrefix(q),
    limit,
    most: FEW + 1,
  };
}
type Parameters = ReturnType<typeof parametersOf>;

export function createJobLists(db: DatabaseSync) {
  const prepared = new Map<string, StatementSync>();

  function prepare(text: string): StatementSync {
    const known = prepared.get(text);
    if (known) return known;
    const statement = db.prepare(text);
    // Not every plan mentions every filter.
    statement.setAllowUnknownNamedParameters(true);
    prepared.set(text, statement);
    return statement;
  }

  const areFew = (count: string, parameters: Parameters): boolean =>
    integerOf(prepare(count).get(parameters), "jobs") <= FEW;

  /** To be tried in this order: the first that fills the page is right, and the last one always is. */
  function plansOf(query: ListArguments, parameters: Parameters): readonly Plan[] {
    const { key, q, label } = query;
    if (key !== undefined) return ["keyed"];
    if (label !== undefined) {
      return !isPlaced(query) || areFew(sql.countLabelled, parameters) ? ["labelled"] : ["recentlyLabelled", "sifted"];
    }
    if (q !== undefined) {
      // Sorting a million jobs takes 650 ms; walking to the first fifty of them, past 20,000 newer ones, takes a few.
      if (areFew(sql.countPrefixed, parameters)) return ["recent", "prefixed"];
      return ["recent", isPlaced(query) ? "sifted" : "scanned"];
    }
    return isPlaced(query) ? ["placed"] : ["scanned"];
  }

  return {
    list(_: Moment, queryText: string): string {
      const query = listArgumentsOf(queryText);
      const { order, after, limit } = query;
      const bound = after === null ? UNBOUND[order] : integerOf(prepare(sql.listBound[order]).get(after), "bound");
      const parameters = parametersOf(query);
      let rows: readonly Readonly<Record<string, unknown>>[] = [];
      for (const plan of plansOf(query, parameters)) {
        rows = prepare(sql.list[plan][order]).all({ ...parameters, bound });
        if (rows.length >= limit) break;
      }
      return records(rows);
    },
  };
}
