// Datasets as the HTTP API shows them. Counts are read, never counted; a page of rows is a walk over the primary key.
import * as z from "zod";
import type { DatasetCatalog } from "../../../ports/datasets.ts";
import { datasetRowOf, summaryOf } from "../catalog-row.ts";
import { idBefore } from "../row-ids.ts";
import { numberOf, textOf, textsOf } from "../stored-row.ts";
import type { Connections } from "./connections.ts";
import { forCaller } from "./outage.ts";
import { AT_AS_TEXT } from "./schema.ts";

// The imports of each dataset: served by the index on import (dataset_id, id).
const LIST = `
  SELECT name, columns, (
    SELECT coalesce(json_agg(json_build_object('jobId', job_id, 'rows', rows, 'at', ${AT_AS_TEXT}) ORDER BY id), '[]')
    FROM pawl_data.import WHERE dataset_id = dataset.id
  ) AS imports
  FROM pawl_data.dataset AS dataset ORDER BY name`;
const DATASET = "SELECT id::float8 AS id, columns FROM pawl_data.dataset WHERE name = $1";
// One statement is one moment, in which all rows that are counted are there. So the counts say which imports fill the page,
// and how many rows of each: one range of the primary key for an import.
const ROWS = `
  WITH found AS (
    SELECT id, job_id, greatest($2::bigint, id << 32) AS start, (id << 32) + rows AS last
    FROM pawl_data.import WHERE dataset_id = $1 AND id >= $2::bigint >> 32
  ), counted AS (
    SELECT id, job_id, start, last, (sum(last - start) OVER (ORDER BY id))::bigint - (last - start) AS before
    FROM found WHERE last > start
  )
  SELECT piece.id::float8 AS id, piece.line::float8 AS line, piece."values", counted.job_id
  FROM counted, LATERAL (
    SELECT id, line, "values" FROM pawl_data.row AS one
    WHERE one.id > start AND one.id <= least(last, start + $3::bigint - before) ORDER BY one.id LIMIT $3
  ) AS piece
  WHERE counted.before < $3 ORDER BY piece.id`;

const importsOfList = z.array(z.object({ jobId: z.string(), rows: z.number(), at: z.string() }));

export function createDatasetCatalog({ ask }: Connections): DatasetCatalog {
  return {
    list: () => forCaller(async () => (await ask(LIST)).map((row) => summaryOf(row, importsOfList.parse(row.imports)))),
    async rows(name, { limit, after }) {
      const start = idBefore(after, "row");
      const [found] = await forCaller(() => ask(DATASET, name));
      if (!found) return null;
      const columns = textsOf(found, "columns");
      const rows = await forCaller(() => ask(ROWS, numberOf(found, "id"), start, limit));
      return rows.map((row) => datasetRowOf(row, columns, textOf(row, "job_id")));
    },
  };
}
