// The teams in SQLite: each call commits by itself.
import type { DatabaseSync } from "node:sqlite";
import type { Team } from "../../../ports/teams.ts";
import type { Teams } from "../data-store.ts";
import { isSameOrigin, nameTaken } from "../name-taken.ts";
import { idBefore } from "../row-ids.ts";
import { numberOf, type StoredRow, textOf } from "../stored-row.ts";

export function createTeams(database: DatabaseSync): Teams {
  const insert = database.prepare(`
    INSERT INTO team (name, "values", job_id, line) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  // Served by the unique indexes on the name and on (job_id, line).
  const byName = database.prepare("SELECT job_id, line FROM team WHERE name = ?");
  const remove = database.prepare("DELETE FROM team WHERE job_id = ? AND line = ?");
  const page = database.prepare(
    'SELECT id, name, "values", job_id, line, at FROM team WHERE id > ? ORDER BY id LIMIT ?',
  );
  return {
    async create(origin, { name, values }) {
      if (insert.run(name, JSON.stringify(values), origin.jobId, origin.line).changes === 1) return;
      const row = byName.get(name);
      if (!row) return;
      const holder = { jobId: textOf(row, "job_id"), line: numberOf(row, "line") };
      if (!isSameOrigin(holder, origin)) throw nameTaken(origin, name, holder);
    },
    async remove({ jobId, line }) {
      remove.run(jobId, line);
    },
    teams: async ({ limit, after }) => page.all(idBefore(after, "team"), limit).map(teamOf),
  };
}

const teamOf = (row: StoredRow): Team => ({
  position: String(numberOf(row, "id")),
  name: textOf(row, "name"),
  values: JSON.parse(textOf(row, "values")),
  jobId: textOf(row, "job_id"),
  line: numberOf(row, "line"),
  at: textOf(row, "at"),
});
