// A program with a manager on the folder of its first argument, to be killed: it runs the job `marks`.
import { join } from "node:path";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import { createManager, systemClock } from "../../src/index.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { marks } from "./runaway.ts";

const [, , folder = "."] = process.argv;
const store = await createSqliteStore({ path: join(folder, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(folder, "files") });
const manager = createManager({ store, fileStore, jobs: [marks] });
await manager.start();
await manager.submit({ type: "marks", input: { pidFile: join(folder, "pids") } });
