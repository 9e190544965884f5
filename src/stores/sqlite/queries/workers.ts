// Who works, and until when.

// Workers: by primary key; the table holds as many rows as workers live or wait for the reaper.
export const register = `
  INSERT INTO workers (id, host, pid, concurrency, alive, expires_at, seen_at, started_at, queues)
  VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?6, ?7)`;
export const renew = `
  UPDATE workers SET expires_at = ?, seen_at = ? WHERE id = ? AND alive AND expires_at > ?`;
export const workerAlive = "SELECT 1 FROM workers WHERE id = ? AND alive AND expires_at > ?";
export const retire = "UPDATE workers SET alive = 0, seen_at = ? WHERE id = ? AND alive";
export const expireWorkers = "UPDATE workers SET alive = 0 WHERE alive AND expires_at <= ?";
export const removeDeadWorkers = "DELETE FROM workers WHERE NOT alive";
// What each holds by jobs_leased, which has as many rows as jobs run.
export const workers = `
  SELECT json_array(w.id, w.host, w.pid, w.concurrency, json(w.queues), w.started_at, w.seen_at,
    (SELECT count(*) FROM jobs INDEXED BY jobs_leased WHERE worker_id = w.id),
    json((
      SELECT json_group_array(json_array(id, type, queue, claimed_at)) FROM (
        SELECT id, type, queue, claimed_at FROM jobs INDEXED BY jobs_leased
        WHERE worker_id = w.id ORDER BY claimed_at, n LIMIT 100
      )
    ))) AS record
  FROM workers AS w WHERE w.alive AND w.expires_at > ? ORDER BY w.started_at, w.id`;
// At open: there is one owner, so whoever else was alive is not.
export const buryWorkers = "UPDATE workers SET alive = 0";
// What one worker holds. Served by jobs_leased.
export const held = `
  SELECT json_group_array(json_array(id, token)) AS leases FROM jobs INDEXED BY jobs_leased WHERE worker_id = ?`;
// What waits for one worker. Served by jobs_leased.
export const renewRequests = `
  SELECT json_group_array(json_array(id, token, control ->> 'action')) AS requests FROM jobs
  WHERE worker_id = ? AND state IN ('pausing', 'cancelling')`;
