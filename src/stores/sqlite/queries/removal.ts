// Deleting jobs with everything of them. ?1 is a JSON array: of row numbers, or of ids for files.
import { CHANGE, RECORD } from "./fragments.ts";

const GIVEN = "(SELECT value FROM json_each(?1))";

export const removable = `SELECT n, ${RECORD} AS record FROM jobs WHERE id = ?`;
// By rowid. Whoever is in another state by now than those of ?2 stays.
export const removeJobs = `
  DELETE FROM jobs WHERE n IN ${GIVEN} AND state IN (SELECT value FROM json_each(?2))
  RETURNING n, id, type, queue, state, ${CHANGE} AS change`;

// Each by its primary key's first column, or labels_job, or the unique index of steps.
export const removeParts: readonly string[] = [
  `DELETE FROM history WHERE job IN ${GIVEN}`,
  `DELETE FROM logs WHERE job IN ${GIVEN}`,
  `DELETE FROM labels WHERE job IN ${GIVEN}`,
  `DELETE FROM steps WHERE job IN ${GIVEN}`,
  `DELETE FROM journal WHERE job IN ${GIVEN}`,
  `DELETE FROM journals WHERE job IN ${GIVEN}`,
  `DELETE FROM large_inputs WHERE job IN ${GIVEN}`,
];

// Served by file_users_job and files_job. An upload that other jobs use goes on with one of them.
export const removeFileUsers = `DELETE FROM file_users WHERE job_id IN ${GIVEN}`;
export const passFilesOn = `
  UPDATE files SET job_id = (SELECT min(u.job_id) FROM file_users AS u WHERE u.file = files.id)
  WHERE job_id IN ${GIVEN} AND EXISTS (SELECT 1 FROM file_users AS u WHERE u.file = files.id)`;
export const removeJobFiles = `DELETE FROM files WHERE job_id IN ${GIVEN} RETURNING id`;
