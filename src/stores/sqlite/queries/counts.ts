// Counts of jobs and figures of minutes, as the writer keeps them.

// At open. One row for each state, type and queue that has jobs.
export const loadCounts = "SELECT state, type, queue, jobs FROM job_counts";
// By primary key, as is the next.
export const storeCount = `
  INSERT INTO job_counts (state, type, queue, jobs) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET jobs = excluded.jobs`;
export const dropCount = "DELETE FROM job_counts WHERE state = ? AND type = ? AND queue = ?";

// By rowid. In the order of `FIGURES` in job-counts.ts.
export const addToMinute = `
  INSERT INTO minutes (at, submitted, started, succeeded, failed, cancelled, rolled_back, rollback_failed)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    submitted = submitted + excluded.submitted,
    started = started + excluded.started,
    succeeded = succeeded + excluded.succeeded,
    failed = failed + excluded.failed,
    cancelled = cancelled + excluded.cancelled,
    rolled_back = rolled_back + excluded.rolled_back,
    rollback_failed = rollback_failed + excluded.rollback_failed`;
