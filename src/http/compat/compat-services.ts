// What the routes of the earlier APIs are given.
import type { BodyDeadline } from "../body-deadline.ts";
import type { RouteServices } from "../route-services.ts";

export interface CompatOptions {
  /** The date column of what earlier API 2 imports; `null`: the first column that holds dates only. */
  readonly baselineDateColumn: string | null;
}

export interface CompatServices extends RouteServices {
  readonly compat: CompatOptions;
  readonly bodyDeadline: BodyDeadline;
  /** Whether only programs of this machine reach the listener. */
  readonly loopback: boolean;
}
