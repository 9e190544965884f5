// The teams in PostgreSQL: each call commits by itself.
import type { Team } from "../../../ports/teams.ts";
import type { TeamOrigin, Teams } from "../data-store.ts";
import { isSameOrigin, nameTaken } from "../name-taken.ts";
import { idBefore } from "../row-ids.ts";
import { numberOf, type StoredRow, textOf } from "../stored-row.ts";
import type { Connections } from "./connections.ts";
import { forCaller, forJob } from "./outage.ts";
import { AT_AS_TEXT } from "./schema.ts";

const INSERT = `
  INSERT INTO pawl_data.team (name, "values", job_id, line) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING RETURNING id::float8 AS id`;
// Served by the unique indexes on the name and on (job_id, line).
const IN_THE_WAY = `
  SELECT job_id, line::float8 AS line FROM pawl_data.team WHERE name = $1 OR (job_id = $2 AND line = $3)`;
const REMOVE = "DELETE FROM pawl_data.team WHERE job_id = $1 AND line = $2";
const PAGE = `
  SELECT one.id::float8 AS id, name, "values", job_id, line::float8 AS line, ${AT_AS_TEXT} AS at
  FROM pawl_data.team AS one WHERE one.id > $1 ORDER BY one.id LIMIT $2`;

export function createTeams({ ask }: Connections): Teams {
  /** Answers who was in the way, when somebody was. */
  const insert = async ({ jobId, line }: TeamOrigin, name: string, values: Team["values"]) => {
    const made = await ask(INSERT, name, JSON.stringify(values), jobId, line);
    return made.length > 0 ? null : (await ask(IN_THE_WAY, name, jobId, line)).map(originOf);
  };
  return {
    create: (origin, { name, values }) =>
      forJob(async () => {
        for (;;) {
          const inTheWay = await insert(origin, name, values);
          if (!inTheWay || inTheWay.some((other) => isSameOrigin(other, origin))) return;
          const [holder] = inTheWay;
          if (holder) throw nameTaken(origin, name, holder);
          // Whoever had the name was removed between the two statements.
        }
      }),
    async remove({ jobId, line }) {
      await forJob(() => ask(REMOVE, jobId, line));
    },
    async teams({ limit, after }) {
      const start = idBefore(after, "team");
      return (await forCaller(() => ask(PAGE, start, limit))).map(teamOf);
    },
  };
}

const originOf = (row: StoredRow): TeamOrigin => ({ jobId: textOf(row, "job_id"), line: numberOf(row, "line") });

const teamOf = (row: StoredRow): Team => ({
  position: String(numberOf(row, "id")),
  name: textOf(row, "name"),
  values: JSON.parse(textOf(row, "values")),
  jobId: textOf(row, "job_id"),
  line: numberOf(row, "line"),
  at: textOf(row, "at"),
});
