// Log lines.

// Members: [id, workerId, token, at, level, message, fields]; $2 lines to keep of each job. Jobs by the unique index on id,
// locked in the order of n; the lines that go are a range at the beginning of a job's primary key. Answers how many were
// stored.
export const appendLogs = `
  WITH p AS (SELECT v, o FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS e (v, o)),
  held AS MATERIALIZED (
    SELECT h.n, h.log_seq, h.id, h.worker_id, h.token FROM pawl.jobs AS h
    WHERE h.id IN (SELECT v ->> 0 FROM p)
    ORDER BY h.n
    FOR UPDATE OF h
  ),
  lines AS MATERIALIZED (
    SELECT h.n, h.log_seq + row_number() OVER (PARTITION BY h.n ORDER BY p.o) AS seq, p.v
    FROM p JOIN held AS h ON h.id = p.v ->> 0 AND h.worker_id = p.v ->> 1 AND h.token = (p.v ->> 2)::int
  ),
  last AS (SELECT n, max(seq) AS seq FROM lines GROUP BY n),
  counted AS (UPDATE pawl.jobs AS j SET log_seq = last.seq FROM last WHERE j.n = last.n),
  trimmed AS (DELETE FROM pawl.logs AS l USING last WHERE l.job = last.n AND l.seq <= last.seq - $2::bigint),
  stored AS (
    INSERT INTO pawl.logs (job, seq, at, level, message, fields)
    SELECT n, l.seq, (v ->> 3)::bigint, v ->> 4, v ->> 5, v ->> 6 FROM lines AS l JOIN last USING (n)
    WHERE l.seq > last.seq - $2::bigint
  )
  SELECT count(*)::int AS stored FROM lines`;
