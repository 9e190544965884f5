// Writes down, inside of the database, whatever is written of a job's attempt: who judges does not have to believe Pawl.
// Invariant: with each token only the attempt that was claimed with it writes, and tokens and checkpoints only grow.
import pg from "pg";

export interface StaleWrite {
  readonly id: string;
  readonly what: string;
}

const WATCH = (schema: string) => `
  CREATE TABLE ${schema}.fleet_watch (
    n bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
    id text, run integer, phase text, token integer, seq bigint, worker_id text, state text
  );
  CREATE FUNCTION ${schema}.fleet_watched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO ${schema}.fleet_watch (id, run, phase, token, seq, worker_id, state)
    VALUES (NEW.id, NEW.run, NEW.phase, NEW.token, NEW.seq, NEW.worker_id, NEW.state);
    RETURN NULL;
  END $$;
  CREATE TRIGGER fleet_watch AFTER UPDATE ON ${schema}.jobs FOR EACH ROW
    WHEN (OLD.seq IS DISTINCT FROM NEW.seq OR OLD.token IS DISTINCT FROM NEW.token OR OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION ${schema}.fleet_watched()`;

// A token that goes back, a checkpoint that goes back, a new holder without a new token, a final state that is left.
const STALE = (schema: string) => `
  WITH steps AS (
    SELECT *, lag(token) OVER jobs AS last_token, lag(worker_id) OVER jobs AS last_worker,
      lag(seq) OVER runs AS last_seq, lag(state) OVER jobs AS last_state
    FROM ${schema}.fleet_watch
    WINDOW jobs AS (PARTITION BY id ORDER BY n), runs AS (PARTITION BY id, run, phase ORDER BY n)
  )
  SELECT id, CASE
    WHEN token < last_token THEN 'token ' || token || ' after ' || last_token
    WHEN seq < last_seq THEN 'checkpoint ' || seq || ' after ' || last_seq
    WHEN worker_id <> last_worker AND token = last_token THEN 'two holders of token ' || token
    ELSE 'left ' || last_state || ' for ' || state END AS what
  FROM steps
  WHERE token < last_token OR seq < last_seq OR (worker_id <> last_worker AND token = last_token)
    OR last_state IN ('succeeded', 'rolled_back', 'rollback_failed')`;

async function ask<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** From now on writes are written down. */
export const startWatch = (url: string, schema: string): Promise<unknown> => ask(url, WATCH(schema));

export interface Watched {
  readonly writes: number;
  readonly stale: readonly StaleWrite[];
}

export async function readWatch(url: string, schema: string): Promise<Watched> {
  const [counted] = await ask<{ writes: number }>(url, `SELECT count(*)::int AS writes FROM ${schema}.fleet_watch`);
  return { writes: counted?.writes ?? 0, stale: await ask<StaleWrite & pg.QueryResultRow>(url, STALE(schema)) };
}
