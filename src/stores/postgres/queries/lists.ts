// Lists of jobs, page by page, in order of submission. The planner chooses among the primary key, jobs_place, jobs_key,
// labels and jobs_id by the values that it is given: run it with `ask`.
import { LISTED } from "./fragments.ts";

type Order = "newest" | "oldest";
const DIRECTION: Readonly<Record<Order, string>> = { newest: "DESC", oldest: "ASC" };
const BEYOND: Readonly<Record<Order, string>> = { newest: "<", oldest: ">" };

// $1 states, $2 types, $3 queues (arrays), $4 key, $5 label, $6 q, $7 past q; NULL: whatever it is. $8 bound, $9 limit.
const listIn = (order: Order) => `
  SELECT ${LISTED} AS job FROM pawl.jobs AS y
  WHERE ($1::text[] IS NULL OR y.state = ANY ($1))
    AND ($2::text[] IS NULL OR y.type = ANY ($2))
    AND ($3::text[] IS NULL OR y.queue = ANY ($3))
    AND ($4::text IS NULL OR y.key = $4)
    AND ($5::text IS NULL OR y.n IN (SELECT l.job FROM pawl.labels AS l WHERE l.label = $5))
    AND ($6::text IS NULL OR (y.key >= $6 AND y.key < $7) OR (y.id >= $6 AND y.id < $7))
    AND ($8::bigint IS NULL OR y.n ${BEYOND[order]} $8)
  ORDER BY y.n ${DIRECTION[order]} LIMIT $9::int`;

export const list: Readonly<Record<Order, string>> = { newest: listIn("newest"), oldest: listIn("oldest") };

// Where a page goes on. The job it names may be gone: then right where it was.
export const listBound: Readonly<Record<Order, string>> = {
  newest: `
    SELECT coalesce((SELECT n FROM pawl.jobs WHERE id = $1),
      (SELECT n + 1 FROM pawl.jobs WHERE id < $1 ORDER BY id DESC LIMIT 1), 0)::float8 AS bound`,
  oldest: `
    SELECT coalesce((SELECT n FROM pawl.jobs WHERE id = $1),
      (SELECT n FROM pawl.jobs WHERE id < $1 ORDER BY id DESC LIMIT 1), 0)::float8 AS bound`,
};
