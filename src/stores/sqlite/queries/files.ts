// The file index.
import { CHANGE } from "./fragments.ts";

export const insertFile = `
  INSERT INTO files (id, job_id, kind, name, media_type, size, sha256, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
// Served by files_job.
export const replaceArtifact = "DELETE FROM files WHERE job_id = ? AND name = ? AND kind = 'artifact' RETURNING id";
export const setArtifacts = `UPDATE jobs SET artifacts = ? WHERE n = ? RETURNING ${CHANGE} AS change`;
export const getFiles = `
  SELECT json_array(id, job_id, kind, name, media_type, size, sha256, created_at) AS record FROM files
  WHERE id IN (SELECT value FROM json_each(?))`;
// The one row.
export const uploadedBytes = "SELECT bytes FROM uploaded";
export const removeFiles = "DELETE FROM files WHERE id IN (SELECT value FROM json_each(?))";
