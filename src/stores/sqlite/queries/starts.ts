// When jobs of queues with a rate limit were started. All by the primary key (queue, at).

export const starts = "SELECT at, jobs FROM starts WHERE queue = ? ORDER BY at";
export const recordStarts = `
  INSERT INTO starts (queue, at, jobs) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs`;
export const forgetStart = "DELETE FROM starts WHERE queue = ? AND at = ?";
export const forgetStarts = "DELETE FROM starts WHERE queue = ?";
