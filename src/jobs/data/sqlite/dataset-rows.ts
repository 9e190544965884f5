// Pictures of datasets, and their rows. Rows of a piece are a walk over one range of the primary key.
import type { DatabaseSync } from "node:sqlite";
import type { DatasetReader } from "../data-store.ts";
import { datasetSource, pictureOf } from "../dataset-source.ts";
import { numberOf } from "../stored-row.ts";

export function createDatasetReader(database: DatabaseSync): DatasetReader {
  const dataset = database.prepare("SELECT 1 FROM dataset WHERE name = ?");
  // Served by the indexes on the dataset's name and on import (dataset_id, id).
  const imports = database.prepare(`
    SELECT import.id, rows, bytes, finished FROM import JOIN dataset ON dataset.id = dataset_id
    WHERE name = ? AND rows > 0 ORDER BY import.id`);
  const rows = database.prepare('SELECT id, day, "values" FROM row WHERE id > ? AND id <= ? ORDER BY id');
  return {
    async picture(name) {
      if (!dataset.get(name)) return null;
      return pictureOf(
        imports.all(name).map((row) => ({
          id: numberOf(row, "id"),
          rows: numberOf(row, "rows"),
          bytes: numberOf(row, "bytes"),
          finished: numberOf(row, "finished") === 1,
        })),
      );
    },
    rows: (picture, range = {}) => datasetSource(picture, range, ({ after, upTo }) => rows.all(after, upTo)),
  };
}
