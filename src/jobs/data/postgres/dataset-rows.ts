// Pictures of datasets, and their rows. Rows of a piece are a walk over one range of the primary key.
import type { DatasetReader } from "../data-store.ts";
import { datasetSource, pictureOf } from "../dataset-source.ts";
import { numberOf } from "../stored-row.ts";
import type { Connections } from "./connections.ts";
import { forJob } from "./outage.ts";

// One statement is one moment. Served by the indexes on the dataset's name and on import (dataset_id, id). A dataset
// without imports that have rows is one line without an import.
const IMPORTS = `
  SELECT i.id::float8 AS id, i.rows::float8 AS rows, i.bytes::float8 AS bytes, i.finished::integer AS finished
  FROM pawl_data.dataset d LEFT JOIN pawl_data.import i ON i.dataset_id = d.id AND i.rows > 0
  WHERE d.name = $1 ORDER BY i.id`;
const ROWS = `
  SELECT one.id::float8 AS id, day, "values" FROM pawl_data.row AS one
  WHERE one.id > $1 AND one.id <= $2 ORDER BY one.id`;

export function createDatasetReader({ ask }: Connections): DatasetReader {
  return {
    async picture(name) {
      const found = await forJob(() => ask(IMPORTS, name));
      if (found.length === 0) return null;
      return pictureOf(
        found
          .filter((row) => row.id !== null)
          .map((row) => ({
            id: numberOf(row, "id"),
            rows: numberOf(row, "rows"),
            bytes: numberOf(row, "bytes"),
            finished: numberOf(row, "finished") === 1,
          })),
      );
    },
    rows: (picture, range = {}) =>
      datasetSource(picture, range, ({ after, upTo }) => forJob(() => ask(ROWS, after, upTo))),
  };
}
