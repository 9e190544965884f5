// Finding what is kept no longer. Jobs are found along jobs_place, which is in order of submission within a state and type.

export const nextType = "SELECT min(type) AS type FROM jobs INDEXED BY jobs_place WHERE state = ? AND type > ?";
// The rows themselves are read for their times.
export const walk = `
  SELECT n, created_at, finished_at FROM jobs INDEXED BY jobs_place
  WHERE state = ? AND type = ? AND n > ? ORDER BY n LIMIT ?`;
// Covered by the index.
export const oldest = `
  SELECT n FROM jobs INDEXED BY jobs_place WHERE state = ? AND type = ? ORDER BY n LIMIT ?`;

// Served by files_free.
export const removeUploads = `
  DELETE FROM files WHERE id IN (
    SELECT id FROM files WHERE job_id IS NULL AND kind = 'upload' AND created_at <= ?1 ORDER BY created_at LIMIT ?2)
  RETURNING id`;

// By rowid.
export const forgetMinutes = "DELETE FROM minutes WHERE at <= ?";
