// Who works, and until when.

// Workers: by primary key; the table holds as many rows as workers live or wait for the reaper.
export const register = `
  INSERT INTO workers (id, host, pid, alive, expires_at, seen_at) VALUES (?, ?, ?, 1, ?, ?)`;
export const renew = `
  UPDATE workers SET expires_at = ?, seen_at = ? WHERE id = ? AND alive AND expires_at > ?`;
export const workerAlive = "SELECT 1 FROM workers WHERE id = ? AND alive AND expires_at > ?";
export const retire = "UPDATE workers SET alive = 0, seen_at = ? WHERE id = ? AND alive";
export const expireWorkers = "UPDATE workers SET alive = 0 WHERE alive AND expires_at <= ?";
export const removeDeadWorkers = "DELETE FROM workers WHERE NOT alive";
// At open: there is one owner, so whoever else was alive is not.
export const buryWorkers = "UPDATE workers SET alive = 0";
// What waits for one worker. Served by jobs_leased.
export const renewRequests = `
  SELECT json_group_array(json_array(id, token, control ->> 'action')) AS requests FROM jobs
  WHERE worker_id = ? AND state IN ('pausing', 'cancelling')`;
