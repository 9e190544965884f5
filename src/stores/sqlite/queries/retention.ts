// Finding what is kept no longer. Jobs are found along jobs_place, which is in order of submission within a state, type and
// queue.

export const nextPlace = `
  SELECT type, queue FROM jobs INDEXED BY jobs_place
  WHERE worker_id IS NULL AND state = ? AND (type, queue) > (?, ?) ORDER BY type, queue LIMIT 1`;
// The rows themselves are read for their times.
export const walk = `
  SELECT n, created_at, finished_at FROM jobs INDEXED BY jobs_place
  WHERE worker_id IS NULL AND state = ? AND type = ? AND queue = ? AND n > ? ORDER BY n LIMIT +?`;
// Covered by the index.
export const oldest = `
  SELECT n FROM jobs INDEXED BY jobs_place
  WHERE worker_id IS NULL AND state = ? AND type = ? AND queue = ? ORDER BY n LIMIT +?`;

// Served by files_free.
export const removeUploads = `
  DELETE FROM files WHERE id IN (
    SELECT id FROM files WHERE job_id IS NULL AND kind = 'upload' AND created_at <= ?1 ORDER BY created_at LIMIT ?2)
  RETURNING id`;

// By rowid.
export const forgetMinutes = "DELETE FROM minutes WHERE at <= ?";
