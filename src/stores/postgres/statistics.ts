// Has the planner look at the table of jobs again when it has grown by far. Statements are planned once a connection: one
// that was planned for a hundred jobs would read all of a million, until the server looks by itself.
import { PawlError } from "../../domain/errors.ts";
import type { Database } from "./database.ts";
import { lockFold } from "./queries/counts.ts";
import * as sql from "./queries/statistics.ts";
import { SQL_STATE, sqlStateOf } from "./sql-state.ts";

/** One process at a time does it; the others go on. */
export async function keepStatistics(database: Database, schema: string): Promise<void> {
  const [row] = await database.run(sql.outgrown);
  if (row?.outgrown !== true) return;
  try {
    await database.transaction(async (transaction) => {
      const [lock] = await transaction.run(lockFold, schema);
      if (lock?.mine === true) await transaction.execute(sql.learn);
    });
  } catch (error) {
    const cause = error instanceof PawlError ? error.cause : error;
    if (sqlStateOf(cause) !== SQL_STATE.lockTimeout) throw error;
  }
}
