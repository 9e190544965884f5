// Lists of jobs, page by page, in order of submission. Several statements can answer the same question; lists.ts chooses.
// A plus in LIMIT: see queries/claims.ts.
import { LEASED_STATES } from "../../../domain/lifecycle.ts";
import { listed } from "../../sql/transitions.ts";
import { LISTED } from "./fragments.ts";

type Order = "newest" | "oldest";
const DIRECTION: Readonly<Record<Order, string>> = { newest: "DESC", oldest: "ASC" };
const BEYOND: Readonly<Record<Order, string>> = { newest: "< :bound", oldest: "> :bound" };
/** As soon as a page is full of the first jobs of places, none that comes after all of these is on it. */
const NOT_AFTER: Readonly<Record<Order, string>> = {
  newest: ">= (SELECT iif(count(*) < :limit, 0, min(first)) FROM places)",
  oldest: "<= (SELECT iif(count(*) < :limit, 9e15, max(first)) FROM places)",
};

/** Jobs that are looked at before the question is whether there are others. */
const RECENT = 500;

// The filters, for whoever has `state`, `type` and `queue`. A list is materialized once, when it is given.
const inPlace = (row: string) => `
  (:states IS NULL OR ${row}.state IN (SELECT value FROM json_each(:states)))
  AND (:types IS NULL OR ${row}.type IN (SELECT value FROM json_each(:types)))
  AND (:queues IS NULL OR ${row}.queue IN (SELECT value FROM json_each(:queues)))`;
const MATCHES = `${inPlace("y")}
  AND (:key IS NULL OR y.key = :key)
  AND (:label IS NULL OR EXISTS (SELECT 1 FROM labels AS l WHERE l.label = :label AND l.job = y.n))
  AND (:q IS NULL OR (y.key >= :q AND y.key < :qEnd) OR (y.id >= :q AND y.id < :qEnd))`;

const page = (order: Order, candidates: string) => `
  SELECT ${LISTED} AS record FROM jobs WHERE n IN (${candidates}) ORDER BY n ${DIRECTION[order]} LIMIT +:limit`;

const inOrder = (order: Order, from: string, by = "y.n") =>
  `SELECT y.n FROM ${from} AND ${by} ${BEYOND[order]} AND ${MATCHES} ORDER BY ${by} ${DIRECTION[order]} LIMIT +:limit`;

// The table in order of submission, as far as it goes; and only its first part.
const scanned = (order: Order) => page(order, inOrder(order, "jobs AS y WHERE true"));
const recent = (order: Order) =>
  page(
    order,
    inOrder(
      order,
      `(SELECT n FROM jobs WHERE n ${BEYOND[order]} ORDER BY n ${DIRECTION[order]} LIMIT ${RECENT}) AS r
       CROSS JOIN jobs AS y ON y.n = r.n WHERE true`,
      "r.n",
    ),
  );

const PLACES = `FROM job_counts AS c WHERE c.state NOT IN ${listed(LEASED_STATES)} AND ${inPlace("c")}`;
const ofPlace = (order: Order) => `FROM jobs AS y INDEXED BY jobs_place
  WHERE y.worker_id IS NULL AND y.state = c.state AND y.type = c.type AND y.queue = c.queue AND y.n ${BEYOND[order]}`;
const LEASED = "jobs AS y INDEXED BY jobs_leased WHERE y.worker_id IS NOT NULL";

// By state, type and queue. Of each such place that has jobs, the first (one seek of jobs_place); of those places with the
// earliest first ones, a page each: no other can be on it. What is leased is not in jobs_place, but there is not much of it.
const placed = (order: Order) => `
  WITH places (state, type, queue, first) AS MATERIALIZED (
    SELECT * FROM (
      SELECT c.state, c.type, c.queue, (SELECT y.n ${ofPlace(order)} ORDER BY y.n ${DIRECTION[order]} LIMIT 1) AS first
      ${PLACES}
    ) WHERE first IS NOT NULL ORDER BY first ${DIRECTION[order]} LIMIT +:limit
  )
  ${page(
    order,
    `SELECT n FROM (
       SELECT z.n FROM places AS c CROSS JOIN jobs AS z
       ON z.n IN (
         SELECT y.n ${ofPlace(order)} AND y.n ${NOT_AFTER[order]} ORDER BY y.n ${DIRECTION[order]} LIMIT +:limit
       )
     )
     UNION ALL SELECT n FROM (${inOrder(order, LEASED)})
     ORDER BY n ${DIRECTION[order]} LIMIT +:limit`,
  )}`;

// The same for jobs that have to be looked at besides: of every such place as many as it takes to find a page.
const sifted = (order: Order) =>
  page(
    order,
    `SELECT n FROM (
       SELECT z.n FROM (SELECT c.state, c.type, c.queue ${PLACES}) AS c CROSS JOIN jobs AS z
       ON z.n IN (SELECT y.n ${ofPlace(order)} AND ${MATCHES} ORDER BY y.n ${DIRECTION[order]} LIMIT +:limit)
     )
     UNION ALL SELECT n FROM (${inOrder(order, LEASED)})
     ORDER BY n ${DIRECTION[order]} LIMIT +:limit`,
  );

// A range of jobs_key, which is in order of submission within one key.
const keyed = (order: Order) => page(order, inOrder(order, "jobs AS y INDEXED BY jobs_key WHERE y.key = :key"));

// A range of labels, which is in order of submission within one label; and only its first part.
const labelled = (order: Order) =>
  page(order, inOrder(order, "labels AS t CROSS JOIN jobs AS y ON y.n = t.job WHERE t.label = :label", "t.job"));
const recentlyLabelled = (order: Order) =>
  page(
    order,
    inOrder(
      order,
      `(SELECT job FROM labels WHERE label = :label AND job ${BEYOND[order]} ORDER BY job ${DIRECTION[order]}
        LIMIT ${RECENT}) AS t CROSS JOIN jobs AS y ON y.n = t.job WHERE true`,
      "t.job",
    ),
  );

// Ids are UUIDv7, so their order is that of submission; keys with a common prefix are read and sorted.
const prefixed = (order: Order) =>
  page(
    order,
    `SELECT n FROM (
       SELECT y.n FROM jobs AS y WHERE y.id >= :q AND y.id < :qEnd AND y.n ${BEYOND[order]} AND ${MATCHES}
       ORDER BY y.id ${DIRECTION[order]} LIMIT +:limit
     )
     UNION SELECT n FROM (${inOrder(order, "jobs AS y INDEXED BY jobs_key WHERE y.key >= :q AND y.key < :qEnd")})`,
  );

// How many jobs have the label, or begin with the prefix, counted up to :most.
export const countLabelled = "SELECT count(*) AS jobs FROM (SELECT 1 FROM labels WHERE label = :label LIMIT +:most)";
export const countPrefixed = `
  SELECT (SELECT count(*) FROM (SELECT 1 FROM jobs WHERE id >= :q AND id < :qEnd LIMIT +:most))
    + (SELECT count(*) FROM (SELECT 1 FROM jobs INDEXED BY jobs_key WHERE key >= :q AND key < :qEnd LIMIT +:most)) AS jobs`;

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
  newest: `SELECT coalesce((SELECT n FROM jobs WHERE id = ?1),
    (SELECT n + 1 FROM jobs WHERE id < ?1 ORDER BY id DESC LIMIT 1), 0) AS bound`,
  oldest: `SELECT coalesce((SELECT n FROM jobs WHERE id = ?1),
    (SELECT n FROM jobs WHERE id < ?1 ORDER BY id DESC LIMIT 1), 0) AS bound`,
};
