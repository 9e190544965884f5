// Deleting a job with everything of it.
import { CHANGE, RECORD } from "./fragments.ts";

export const removable = `SELECT n, state, ${RECORD} AS record, ${CHANGE} AS change FROM jobs WHERE id = ?`;
export const removeJob = "DELETE FROM jobs WHERE n = ?";
// Each by its primary key's first column, or labels_job.
export const removeHistory = "DELETE FROM history WHERE job = ?";
export const removeLogs = "DELETE FROM logs WHERE job = ?";
export const removeLabels = "DELETE FROM labels WHERE job = ?";
export const removeLargeInput = "DELETE FROM large_inputs WHERE job = ?";
// Served by files_job.
// An upload that other jobs use goes on with one of them.
export const removeFileUser = "DELETE FROM file_users WHERE job_id = ?";
export const passFilesOn = `
  UPDATE files SET job_id = (SELECT min(u.job_id) FROM file_users AS u WHERE u.file = files.id)
  WHERE job_id = ? AND EXISTS (SELECT 1 FROM file_users AS u WHERE u.file = files.id)`;
export const removeJobFiles = "DELETE FROM files WHERE job_id = ? RETURNING id";
