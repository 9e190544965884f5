// Schedules and their firings. All by primary key; there are as many rows as people made schedules.

// The last firing is the last of its range of the primary key.
export const schedules = `
  SELECT json_array(name, cron, time_zone, type, input, queue, priority, labels, overlap, missed, paused, next_at,
    (SELECT json_array(f.fire_at, f.at, f.outcome, f.job_id, f.message) FROM firings AS f
      WHERE f.schedule = s.name ORDER BY f.fire_at DESC LIMIT 1),
    last_job_id, created_at, updated_at, revision) AS record
  FROM schedules AS s ORDER BY name`;

export const createSchedule = `
  INSERT INTO schedules (name, cron, time_zone, type, input, queue, priority, labels, overlap, missed, paused, next_at,
    created_at, updated_at, revision)
  VALUES (:name, :cron, :timeZone, :type, :input, :queue, :priority, :labels, :overlap, :missed, :paused, :nextAt,
    :now, :now, 1)
  ON CONFLICT (name) DO NOTHING`;
export const editSchedule = `
  UPDATE schedules SET cron = :cron, time_zone = :timeZone, type = :type, input = :input, queue = :queue,
    priority = :priority, labels = :labels, overlap = :overlap, missed = :missed, paused = :paused, next_at = :nextAt,
    updated_at = :now, revision = revision + 1
  WHERE name = :name AND revision = :expectedRevision`;
export const removeSchedule = "DELETE FROM schedules WHERE name = ?";
export const removeFirings = "DELETE FROM firings WHERE schedule = ?";

// A firing that is due as of this revision; its last job by the unique index on id.
export const due = `
  SELECT overlap = 'skip' AND EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = s.last_job_id AND j.finished_at IS NULL)
    AS overlaps
  FROM schedules AS s WHERE name = ? AND revision = ? AND NOT paused AND next_at <= ?`;
export const recorded = "SELECT 1 FROM firings WHERE schedule = ? AND fire_at = ?";
export const recordFiring = `
  INSERT INTO firings (schedule, fire_at, at, outcome, job_id, message) VALUES (?, ?, ?, ?, ?, ?)`;
export const moveOn = `
  UPDATE schedules SET next_at = ?2, last_job_id = coalesce(?3, last_job_id) WHERE name = ?1`;
// Keeps the newest ?2 of one schedule.
export const trimFirings = `
  DELETE FROM firings WHERE schedule = ?1 AND fire_at <= (
    SELECT fire_at FROM firings WHERE schedule = ?1 ORDER BY fire_at DESC LIMIT 1 OFFSET ?2)`;
