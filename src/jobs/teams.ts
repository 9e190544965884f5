// The teams, as another system would keep them: each is created and removed by a call of its own, durable by itself, in no
// transaction with the job's checkpoints. A call can be repeated: the same row of the same job is one team.
import type { DatabaseSync } from "node:sqlite";
import { PawlError, PermanentError } from "../index.ts";
import type { Team, TeamCatalog } from "../ports/teams.ts";
import { shown } from "./shown-text.ts";
import { numberOf, type SqlRow, textOf } from "./sql-row.ts";

/** Which row of which job a team is made from. */
export interface TeamOrigin {
  readonly jobId: string;
  /** The line of the file that the row begins in. */
  readonly line: number;
}

export interface Teams extends TeamCatalog {
  /** Fails with a `PermanentError` of code `name_taken` that says who has the name. */
  create(origin: TeamOrigin, team: { readonly name: string; readonly values: Team["values"] }): void;
  /** Removes the team that was made from this row, if it is there. */
  remove(origin: TeamOrigin): void;
}

/** A team's position: its number. */
const POSITION = /^\d{1,15}$/;

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
    create({ jobId, line }, { name, values }) {
      if (insert.run(name, JSON.stringify(values), jobId, line).changes === 1) return;
      const holder = byName.get(name);
      if (holder && (textOf(holder, "job_id") !== jobId || numberOf(holder, "line") !== line)) {
        throw nameTaken({ jobId, line }, name, { jobId: textOf(holder, "job_id"), line: numberOf(holder, "line") });
      }
    },
    remove({ jobId, line }) {
      remove.run(jobId, line);
    },
    teams: ({ limit, after }) => page.all(positionOf(after), limit).map(teamOf),
  };
}

function nameTaken({ jobId, line }: TeamOrigin, name: string, holder: TeamOrigin): PermanentError {
  const where = holder.jobId === jobId ? `in line ${holder.line} of this file` : `by the job ${holder.jobId}`;
  return new PermanentError(
    `Line ${line} names the team ${shown(name)}, which was made ${where} already. Names are unique: correct that line.`,
    { code: "name_taken", details: { line, holder: { jobId: holder.jobId, line: holder.line } } },
  );
}

function positionOf(after: string | null): number {
  if (after === null) return 0;
  if (POSITION.test(after)) return Number(after);
  throw new PawlError(
    "invalid_request",
    `"${after}" is not the position of a team. Pass the \`position\` of the last team that you got.`,
  );
}

const teamOf = (row: SqlRow): Team => ({
  position: String(numberOf(row, "id")),
  name: textOf(row, "name"),
  values: JSON.parse(textOf(row, "values")),
  jobId: textOf(row, "job_id"),
  line: numberOf(row, "line"),
  at: textOf(row, "at"),
});
