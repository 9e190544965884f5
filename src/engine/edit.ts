// Changing a job that waits or is paused: what is left out stays, and what depends on the input is worked out anew.
// Whether the job's state allows it is decided by the store's one guarded write.
import { exclusiveGroupTaken, invalidRequest, jobNotFound } from "../domain/errors.ts";
import { toJob } from "../domain/job.ts";
import type { JobControl, JobEdit } from "../domain/job-control.ts";
import { keepSecrets } from "../domain/secrets.ts";
import type { Clock } from "../ports/clock.ts";
import type { EditWrite, Store } from "../ports/store.ts";
import { LOCAL_ACTOR, notAllowed } from "./control.ts";
import type { Registry } from "./registry.ts";
import { checkSettings, parseTime } from "./submit-checks.ts";
import { asJson, checkInput } from "./submit-input.ts";

export interface EditServices {
  readonly store: Pick<Store, "jobs" | "files">;
  readonly registry: Registry;
  readonly clock: Clock;
}

export function createEdit(services: EditServices): JobControl["edit"] {
  const { store, clock } = services;
  return async (id, change, options = {}) => {
    const { input, availableAt, ...settings } = change;
    checkChange(change);
    const edited = input === undefined ? undefined : await editedInput(services, id, input);
    const result = await store.jobs.edit({
      ...settings,
      ...(availableAt !== undefined && { availableAt: availabilityOf(availableAt, clock) }),
      input: edited,
      id,
      actor: options.actor ?? LOCAL_ACTOR,
      reason: options.reason ?? null,
    });
    switch (result.kind) {
      case "edited":
        return toJob(result.job, clock.now());
      case "refused":
        throw notAllowed("edit", result.job);
      case "exclusive_group_taken":
        throw exclusiveGroupTaken(edited?.exclusiveGroup ?? "", result.holder);
      case "missing":
        throw jobNotFound(id);
    }
  };
}

function checkChange(change: JobEdit): void {
  checkSettings(change);
  if (Object.values(change).every((value) => value === undefined)) {
    throw invalidRequest("The edit names nothing to change: give priority, availableAt, input, labels or maxAttempts.");
  }
}

/** A time that has passed means now: the job must not go before those that have waited longer. */
function availabilityOf(text: string, clock: Clock): number | null {
  const at = parseTime(text);
  return at > clock.now() ? at : null;
}

async function editedInput({ store, registry }: EditServices, id: string, given: unknown): Promise<EditWrite["input"]> {
  const [job] = await store.jobs.get([id]);
  if (!job) throw jobNotFound(id);
  const type = registry.get(job.type);
  return checkInput(store.files, type, keepSecrets(asJson(type, given), job.input, job.secretFields));
}
