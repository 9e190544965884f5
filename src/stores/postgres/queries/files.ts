// The file index.
import { CHANGE, NOW } from "./fragments.ts";

const FILE = "json_build_array(id, job_id, kind, name, media_type, size, sha256, created_at)";

// $1 id, $2 jobId, $3 kind, $4 name, $5 mediaType, $6 size, $7 sha256.
export const insertFile = `
  INSERT INTO pawl.files (id, job_id, kind, name, media_type, size, sha256, created_at)
  VALUES ($1, $2, $3, $4, $5, $6::bigint, $7, ${NOW})`;
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
// Served by files_uploads, without reading the table.
export const uploadedBytes = "SELECT coalesce(sum(size), 0)::float8 AS bytes FROM pawl.files WHERE kind = 'upload'";
