// What the planner knows of the table of jobs.

// Whether the table has outgrown what is known of it. The server itself looks once a minute, and then at what has changed.
// Not asked of a table of a megabyte: whatever the planner thinks of it is not far off.
export const outgrown = `
  SELECT pages > 128 AND pages > 2 * relpages AS outgrown FROM (
    SELECT pg_relation_size(oid) / current_setting('block_size')::bigint AS pages, relpages
    FROM pg_class WHERE oid = 'pawl.jobs'::regclass
  ) AS jobs`;
// Reads a sample, whatever the size. Not at the cost of a vacuum that is under way, which would give way.
export const learn = "SET LOCAL lock_timeout = 100; ANALYZE pawl.jobs";
