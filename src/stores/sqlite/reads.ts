// Answers questions (on either thread). Each answer is a JSON array of records, built by SQLite.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Moment } from "./protocol.ts";
import { getFiles as getFileEntries } from "./queries/files.ts";
import * as sql from "./queries/reads.ts";
import { integerOf, type ListArguments, listArgumentsOf, textOf } from "./rows.ts";

export const records = (rows: readonly Readonly<Record<string, unknown>>[]): string =>
  `[${rows.map((row) => textOf(row, "record")).join()}]`;

/** By id, from the thread that writes: whoever reads what it just wrote finds it. */
export function createGets(db: DatabaseSync) {
  const get = db.prepare(sql.get);
  const listed = db.prepare(sql.listed);
  const getFiles = db.prepare(getFileEntries);
  return {
    get: (_: Moment, idsText: string): string => records(get.all(idsText)),
    listed: (_: Moment, idsText: string): string => records(listed.all(idsText)),
    getFiles: (_: Moment, idsText: string): string => records(getFiles.all(idsText)),
  };
}

const UNBOUND = { newest: Number.MAX_SAFE_INTEGER, oldest: 0 } as const;

// Past every text that begins with the prefix: the greatest code point.
const endOfPrefix = (prefix: string) => `${prefix}\u{10FFFF}`;

function planOf(query: ListArguments): keyof typeof sql.list {
  if (query.key !== undefined) return "keyed";
  if (query.q !== undefined) return "prefixed";
  if (query.label !== undefined) return "labelled";
  return query.state !== undefined || query.type !== undefined ? "placed" : "scanned";
}

/** Lists, histories, logs: may take long, so they have a thread of their own where there is a file to share. */
export function createLists(db: DatabaseSync) {
  const history = db.prepare(sql.history);
  const logs = db.prepare(sql.logs);
  const ping = db.prepare(sql.ping);
  const prepared = new Map<string, StatementSync>();

  function prepare(text: string): StatementSync {
    const known = prepared.get(text);
    if (known) return known;
    const statement = db.prepare(text);
    prepared.set(text, statement);
    return statement;
  }

  return {
    list(_: Moment, queryText: string): string {
      const query = listArgumentsOf(queryText);
      const { order, after } = query;
      const plan = planOf(query);
      const bound = after === null ? UNBOUND[order] : integerOf(prepare(sql.listBound[order]).get(after), "bound");
      const states = query.state === undefined ? null : JSON.stringify(query.state);
      const rows = prepare(sql.list[plan][order]).all({
        bound,
        states: plan === "placed" ? (states ?? sql.ALL_STATES) : states,
        types: query.type === undefined ? null : JSON.stringify(query.type),
        queues: query.queue === undefined ? null : JSON.stringify(query.queue),
        key: query.key ?? null,
        label: query.label ?? null,
        q: query.q ?? null,
        qEnd: query.q === undefined ? null : endOfPrefix(query.q),
        limit: query.limit,
      });
      return records(rows);
    },
    history: (_: Moment, jobId: string, after: number, limit: number): string =>
      records(history.all(jobId, after, limit)),
    logs: (_: Moment, jobId: string, after: number, limit: number): string => records(logs.all(jobId, after, limit)),
    ping(): string {
      ping.get();
      return "";
    },
  };
}
