// Questions: jobs, lists, histories, logs.
import { STATES } from "../../../domain/lifecycle.ts";
import { LISTED, RECORD } from "./fragments.ts";

// Served by the unique index on id.
export const get = `SELECT ${RECORD} AS record FROM jobs WHERE id IN (SELECT value FROM json_each(?))`;
export const listed = `SELECT ${LISTED} AS record FROM jobs WHERE id IN (SELECT value FROM json_each(?))`;

// The first entry is the submit, told from the job's row; the others are a range of the primary key.
export const history = `
  SELECT json_array(seq, at, kind, actor, reason, attempt, state, phase, data) AS record FROM (
    SELECT 1 AS seq, created_at AS at, 'submit' AS kind, submitted_by AS actor, NULL AS reason, 1 AS attempt,
      'queued' AS state, 'forward' AS phase, NULL AS data
    FROM jobs WHERE id = ?1 AND ?2 < 1
    UNION ALL
    SELECT * FROM (
      SELECT seq, at, kind, actor, reason, attempt, state, phase, data FROM history
      WHERE job = (SELECT n FROM jobs WHERE id = ?1) AND seq > ?2 ORDER BY seq LIMIT ?3
    )
  ) LIMIT ?3`;

// A range of the primary key.
export const logs = `
  SELECT json_array(seq, at, level, message, fields) AS record FROM logs
  WHERE job = (SELECT n FROM jobs WHERE id = ?1) AND seq > ?2 ORDER BY seq LIMIT ?3`;

type Order = "newest" | "oldest";
const DIRECTION: Readonly<Record<Order, string>> = { newest: "DESC", oldest: "ASC" };
const BEYOND: Readonly<Record<Order, string>> = { newest: "y.n < :bound", oldest: "y.n > :bound" };

const MATCHES = `
  (:states IS NULL OR y.state IN (SELECT value FROM json_each(:states)))
  AND (:types IS NULL OR y.type IN (SELECT value FROM json_each(:types)))
  AND (:queues IS NULL OR y.queue IN (SELECT value FROM json_each(:queues)))
  AND (:key IS NULL OR y.key = :key)
  AND (:label IS NULL OR EXISTS (SELECT 1 FROM labels AS l WHERE l.label = :label AND l.job = y.n))
  AND (:q IS NULL OR (y.id >= :q AND y.id < :qEnd) OR (y.key >= :q AND y.key < :qEnd))`;

const page = (order: Order, candidates: string) =>
  `SELECT ${LISTED} AS record FROM jobs WHERE n IN (${candidates}) ORDER BY n ${DIRECTION[order]} LIMIT :limit`;

const inOrder = (order: Order, from: string, by = "y.n") =>
  `SELECT y.n FROM ${from} AND ${BEYOND[order]} AND ${MATCHES} ORDER BY ${by} ${DIRECTION[order]} LIMIT :limit`;

// The table in order of submission.
const scanned = (order: Order) => page(order, inOrder(order, "jobs AS y WHERE true"));

// By state and type: for each pair that exists (found seek by seek), one page of jobs_place.
const placed = (order: Order) => `
  WITH RECURSIVE kinds (state, type) AS (
    SELECT s.value, (SELECT min(type) FROM jobs WHERE state = s.value) FROM json_each(:states) AS s
    UNION ALL
    SELECT k.state, (SELECT min(type) FROM jobs WHERE state = k.state AND type > k.type)
    FROM kinds AS k WHERE k.type IS NOT NULL
  )
  ${page(
    order,
    `SELECT y.n FROM kinds AS k CROSS JOIN jobs AS y ON y.n IN (
       SELECT y.n FROM jobs AS y INDEXED BY jobs_place
       WHERE y.state = k.state AND y.type = k.type AND ${BEYOND[order]} AND ${MATCHES}
       ORDER BY y.n ${DIRECTION[order]} LIMIT :limit
     )
     WHERE k.type IS NOT NULL AND (:types IS NULL OR k.type IN (SELECT value FROM json_each(:types)))
     ORDER BY y.n ${DIRECTION[order]} LIMIT :limit`,
  )}`;

// A range of jobs_key, which is in order of submission within one key.
const keyed = (order: Order) => page(order, inOrder(order, "jobs AS y INDEXED BY jobs_key WHERE y.key = :key"));

// A range of labels, which is in order of submission within one label.
const labelled = (order: Order) =>
  page(order, inOrder(order, "labels AS t CROSS JOIN jobs AS y ON y.n = t.job WHERE t.label = :label", "t.job"));

// Ids are UUIDv7, so their order is that of submission; keys with a common prefix are read and sorted.
const prefixed = (order: Order) =>
  page(
    order,
    `SELECT n FROM (${inOrder(order, "jobs AS y WHERE y.id >= :q AND y.id < :qEnd", "y.id")})
     UNION SELECT n FROM (${inOrder(order, "jobs AS y INDEXED BY jobs_key WHERE y.key >= :q AND y.key < :qEnd")})`,
  );

const bothOrders = (build: (order: Order) => string): Readonly<Record<Order, string>> => ({
  newest: build("newest"),
  oldest: build("oldest"),
});

export const list = {
  scanned: bothOrders(scanned),
  placed: bothOrders(placed),
  keyed: bothOrders(keyed),
  labelled: bothOrders(labelled),
  prefixed: bothOrders(prefixed),
} as const;
export const ALL_STATES = JSON.stringify(STATES);

// Where a page goes on. The job it names may be gone: then right where it was.
export const listBound: Readonly<Record<Order, string>> = {
  newest: `SELECT coalesce((SELECT n FROM jobs WHERE id = ?1),
    (SELECT n + 1 FROM jobs WHERE id < ?1 ORDER BY id DESC LIMIT 1), 0) AS bound`,
  oldest: `SELECT coalesce((SELECT n FROM jobs WHERE id = ?1),
    (SELECT n FROM jobs WHERE id < ?1 ORDER BY id DESC LIMIT 1), 0) AS bound`,
};

export const ping = "SELECT count(*) FROM (SELECT 1 FROM jobs LIMIT 1)";
