// Lists of jobs, page by page, in order of submission. Several statements can answer the same question; lists.ts chooses.
// Statistics are of some time ago, and say nothing of where in that order the jobs of a filter lie: so each statement can be
// answered in one way only, by the order of one index.
import { COUNTS } from "./counts.ts";
import { LISTED } from "./fragments.ts";

type Order = "newest" | "oldest";
const DIRECTION: Readonly<Record<Order, string>> = { newest: "DESC", oldest: "ASC" };
const BEYOND: Readonly<Record<Order, string>> = { newest: "< $4::bigint", oldest: "> $4::bigint" };
const UP_TO: Readonly<Record<Order, string>> = { newest: "<", oldest: ">" };
const BACK_TO: Readonly<Record<Order, string>> = { newest: ">=", oldest: "<=" };
/** As soon as a page is full of the first jobs of places, none that comes after all of these is on it. */
const LAST_FIRST: Readonly<Record<Order, string>> = {
  newest: "(SELECT CASE WHEN count(*) < $5::int THEN 0 ELSE min(first) END FROM places)",
  oldest: `(SELECT CASE WHEN count(*) < $5::int THEN ${Number.MAX_SAFE_INTEGER} ELSE max(first) END FROM places)`,
};
const FARTHEST: Readonly<Record<Order, string>> = { newest: "0", oldest: String(Number.MAX_SAFE_INTEGER) };

/** Jobs that are looked at before the question is whether there are others. */
const RECENT = 500;

// $1 states, $2 types, $3 queues (arrays), $4 bound, $5 limit, $6 key, $7 label, $8 q, $9 past q; NULL: whatever it is.
const inPlace = (row: string) => `
  ($1::text[] IS NULL OR ${row}.state = ANY ($1))
  AND ($2::text[] IS NULL OR ${row}.type = ANY ($2))
  AND ($3::text[] IS NULL OR ${row}.queue = ANY ($3))`;
const MATCHES = `${inPlace("y")}
  AND ($6::text IS NULL OR y.key = $6)
  AND ($7::text IS NULL OR (SELECT l.job FROM pawl.labels AS l WHERE l.label = $7 AND l.job = y.n) IS NOT NULL)
  AND ($8::text IS NULL OR (y.key >= $8 AND y.key < $9) OR (y.id >= $8 AND y.id < $9))`;

const page = (order: Order, candidates: string) => `
  SELECT ${LISTED} AS job FROM pawl.jobs WHERE n = ANY (ARRAY(${candidates})) ORDER BY n ${DIRECTION[order]}`;

// The table in order of submission, as far as it goes; and only its first part.
const scanned = (order: Order) =>
  page(
    order,
    `SELECT y.n FROM pawl.jobs AS y WHERE y.n ${BEYOND[order]} AND ${MATCHES}
     ORDER BY y.n ${DIRECTION[order]} LIMIT $5::int`,
  );
const recent = (order: Order) =>
  page(
    order,
    `SELECT y.n FROM (
       SELECT * FROM pawl.jobs WHERE n ${BEYOND[order]} ORDER BY n ${DIRECTION[order]} LIMIT ${RECENT}
     ) AS y WHERE ${MATCHES} ORDER BY y.n ${DIRECTION[order]} LIMIT $5::int`,
  );

const PLACES = `FROM ${COUNTS} AS c WHERE ${inPlace("c")}`;
/** A range of jobs_place, between the bound and `last`. */
const ofPlace = (order: Order, last: string) => {
  const at = "(y.state, y.type, y.queue, y.n)";
  return `FROM pawl.jobs AS y
    WHERE ${at} ${UP_TO[order]} (c.state, c.type, c.queue, $4::bigint) AND ${at} ${BACK_TO[order]} (c.state, c.type, c.queue, ${last})`;
};
const byPlace = (order: Order) =>
  `ORDER BY ${["state", "type", "queue", "n"].map((column) => `y.${column} ${DIRECTION[order]}`).join(", ")}`;

// By state, type and queue. Of each such place that has jobs, the first (one seek of jobs_place); of those places with the
// earliest first ones, a page each: no other can be on it.
const placed = (order: Order) => `
  WITH places (state, type, queue, first) AS MATERIALIZED (
    SELECT * FROM (
      SELECT c.state, c.type, c.queue, (SELECT y.n ${ofPlace(order, FARTHEST[order])} ${byPlace(order)} LIMIT 1) AS first
      ${PLACES}
    ) AS found WHERE first IS NOT NULL ORDER BY first ${DIRECTION[order]} LIMIT $5::int
  )
  ${page(
    order,
    `SELECT z.n FROM places AS c CROSS JOIN LATERAL (
       SELECT y.n ${ofPlace(order, LAST_FIRST[order])} ${byPlace(order)} LIMIT $5::int
     ) AS z ORDER BY z.n ${DIRECTION[order]} LIMIT $5::int`,
  )}`;

// The same for jobs that have to be looked at besides: of every such place as many as it takes to find a page.
const sifted = (order: Order) =>
  page(
    order,
    `SELECT z.n FROM (SELECT c.state, c.type, c.queue ${PLACES}) AS c CROSS JOIN LATERAL (
       SELECT y.n ${ofPlace(order, FARTHEST[order])} AND ${MATCHES} ${byPlace(order)} LIMIT $5::int
     ) AS z ORDER BY z.n ${DIRECTION[order]} LIMIT $5::int`,
  );

// A range of jobs_key, which is in order of submission within one key. Written as a range so that only this index has the order.
const keyed = (order: Order) =>
  page(
    order,
    `SELECT y.n FROM pawl.jobs AS y WHERE y.key >= $6 AND y.key <= $6 AND y.n ${BEYOND[order]} AND ${MATCHES}
     ORDER BY y.key ${DIRECTION[order]}, y.n ${DIRECTION[order]} LIMIT $5::int`,
  );

/** A range of labels, which is in order of submission within one label. */
const labelRange = (order: Order) => `
  SELECT job FROM pawl.labels WHERE label >= $7 AND label <= $7 AND job ${BEYOND[order]}
  ORDER BY label ${DIRECTION[order]}, job ${DIRECTION[order]}`;
const ofLabel = (order: Order, range: string) =>
  page(
    order,
    `SELECT y.n FROM (${range}) AS t CROSS JOIN LATERAL (
       SELECT y.n FROM pawl.jobs AS y WHERE y.n = t.job AND ${MATCHES} OFFSET 0
     ) AS y LIMIT $5::int`,
  );
const labelled = (order: Order) => ofLabel(order, `${labelRange(order)} OFFSET 0`);
const recentlyLabelled = (order: Order) => ofLabel(order, `${labelRange(order)} LIMIT ${RECENT}`);

// All that begin with a prefix, by jobs_id and jobs_key, sorted.
const prefixed = (order: Order) =>
  page(
    order,
    `SELECT n FROM (
       SELECT y.n FROM pawl.jobs AS y WHERE y.id >= $8 AND y.id < $9 AND y.n ${BEYOND[order]} AND ${MATCHES}
       UNION SELECT y.n FROM pawl.jobs AS y WHERE y.key >= $8 AND y.key < $9 AND y.n ${BEYOND[order]} AND ${MATCHES}
     ) AS found ORDER BY n ${DIRECTION[order]} LIMIT $5::int`,
  );

// How many jobs have the label ($1), or begin with the prefix ($1, past it $2), counted up to the last parameter.
export const countLabelled = `
  SELECT count(*)::int AS jobs FROM (SELECT 1 FROM pawl.labels WHERE label = $1 LIMIT $2::int) AS found`;
export const countPrefixed = `
  SELECT (SELECT count(*) FROM (SELECT 1 FROM pawl.jobs WHERE id >= $1 AND id < $2 LIMIT $3::int) AS ids)::int
    + (SELECT count(*) FROM (SELECT 1 FROM pawl.jobs WHERE key >= $1 AND key < $2 LIMIT $3::int) AS keys)::int AS jobs`;

const bothOrders = (build: (order: Order) => string): Readonly<Record<Order, string>> => ({
  newest: build("newest"),
  oldest: build("oldest"),
});

export const list = {
  scanned: bothOrders(scanned),
  recent: bothOrders(recent),
  placed: bothOrders(placed),
  sifted: bothOrders(sifted),
  keyed: bothOrders(keyed),
  labelled: bothOrders(labelled),
  recentlyLabelled: bothOrders(recentlyLabelled),
  prefixed: bothOrders(prefixed),
} as const;

// Where a page goes on. The job it names may be gone: then right where it was.
export const listBound: Readonly<Record<Order, string>> = {
  newest: `
    SELECT coalesce((SELECT n FROM pawl.jobs WHERE id = $1),
      (SELECT n + 1 FROM pawl.jobs WHERE id < $1 ORDER BY id DESC LIMIT 1), 0)::float8 AS bound`,
  oldest: `
    SELECT coalesce((SELECT n FROM pawl.jobs WHERE id = $1),
      (SELECT n FROM pawl.jobs WHERE id < $1 ORDER BY id DESC LIMIT 1), 0)::float8 AS bound`,
};
