// The file index.
import { CHANGE, NOW } from "./fragments.ts";

const FILE = "json_build_array(id, job_id, kind, name, media_type, size, sha256, created_at)";

// $1 id, $2 jobId, $3 kind, $4 name, $5 mediaType, $6 size, $7 sha256.
export const insertFile = `
  INSERT INTO pawl.files (id, job_id, kind, name, media_type, size, sha256, created_at)
  VALUES ($1, $2, $3, $4, $5, $6::bigint, $7, ${NOW})`;
// $1 schema. One upload after the other, so that each sees what those before it take of the quota.
export const lockUploads = "SELECT pg_advisory_xact_lock(hashtextextended('pawl uploads ' || $1, 0))";
// $1 to $6 as above, without the kind, $7 maxBytes. The sum as below.
export const insertUpload = `
  INSERT INTO pawl.files (id, job_id, kind, name, media_type, size, sha256, created_at)
  SELECT $1, $2, 'upload', $3, $4, $5::bigint, $6, ${NOW}
  WHERE (SELECT coalesce(sum(size), 0) FROM pawl.files WHERE kind = 'upload') + $5::bigint <= $7::bigint
  RETURNING id`;
// The job by the unique index on id, locked.
export const heldJob = `
  SELECT n::float8 AS n, artifacts FROM pawl.jobs WHERE id = $1 AND worker_id = $2 AND token = $3::int FOR UPDATE`;
// Served by files_job.
export const replaceArtifact =
  "DELETE FROM pawl.files WHERE job_id = $1 AND name = $2 AND kind = 'artifact' RETURNING id";
export const setArtifacts = `UPDATE pawl.jobs SET artifacts = $2 WHERE id = $1 RETURNING ${CHANGE} AS change`;
export const getFiles = `
  SELECT ${FILE} AS file FROM pawl.files WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb))`;
export const removeFiles = "DELETE FROM pawl.files WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb))";
// $1 ids of the files that this process is receiving. Of those that others receive, one that has not grown for so long is
// what a process left that died. Served by files_uploads, without reading the table, and by file_bodies_unfinished.
export const uploadedBytes = `
  SELECT (
    (SELECT coalesce(sum(size), 0) FROM pawl.files WHERE kind = 'upload') +
    (SELECT coalesce(sum(size), 0) FROM pawl.file_bodies
      WHERE NOT readable AND modified_at > ${NOW} - 60000 AND id <> ALL ($1::text[]))
  )::float8 AS bytes`;
