// What every route is given.
import type { Manager } from "../engine/manager.ts";
import type { Clock } from "../ports/clock.ts";
import type { DatasetCatalog } from "../ports/datasets.ts";
import type { TeamCatalog } from "../ports/teams.ts";
import type { Gate } from "./access/gate.ts";
import type { LongPolls } from "./long-poll.ts";
import type { ServeOptions } from "./serve.ts";
import type { StreamHub } from "./stream.ts";
import type { UploadServices } from "./upload.ts";

export interface RouteServices extends ServeOptions {
  readonly manager: Manager;
  /** `null` where no job type makes any: then their routes are not served. */
  readonly datasets: DatasetCatalog | null;
  readonly teams: TeamCatalog | null;
  readonly gate: Gate;
  readonly hub: StreamHub;
  readonly polls: LongPolls;
  readonly uploads: UploadServices;
  readonly clock: Clock;
}
