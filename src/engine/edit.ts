// Changing a job that waits or is paused: what is left out stays, and what depends on the input is worked out anew.
// Whether the job's state allows it is decided by the store's one guarded write.
import { exclusiveGroupTaken, invalidRequest, jobNotFound, PawlError } from "../domain/errors.ts";
import { type JobRecord, toJob } from "../domain/job.ts";
import type { JobControl, JobEdit } from "../domain/job-control.ts";
import { hasMask, keepSecrets } from "../domain/secrets.ts";
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
    const edited = input === undefined ? {} : await editedInput(services, id, input);
    const result = await store.jobs.edit({
      ...settings,
      ...(availableAt !== undefined && { availableAt: availabilityOf(availableAt, clock) }),
      ...edited,
      id,
      actor: options.actor ?? LOCAL_ACTOR,
      reason: options.reason ?? null,
    });
    switch (result.kind) {
      case "edited":
        return toJob(result.job, clock.now());
      case "refused":
        throw refusalOf(result.job);
      case "changed_meanwhile":
        throw changed(id);
      case "exclusive_group_taken":
        throw exclusiveGroupTaken(edited.input?.exclusiveGroup ?? "", result.holder);
      case "missing":
        throw jobNotFound(id);
    }
  };
}

/** A job that waits refuses only a new input. */
function refusalOf(job: JobRecord): PawlError {
  const refusal = notAllowed("edit", job);
  if (job.state !== "queued" && job.state !== "paused") return refusal;
  const message =
    `Job ${job.id} has started: what it did belongs to the input that it has. Leave the input out, or cancel the job and ` +
    "submit it anew with another input.";
  return new PawlError(refusal.code, message, refusal.extras);
}

const changed = (id: string) =>
  new PawlError("changed_meanwhile", `The input of job ${id} was changed by somebody else meanwhile. Read it again.`);

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

type EditedInput = Pick<EditWrite, "input" | "expectedInput">;

/** What was secret in the input before stays so: the new one may hold it. */
async function editedInput({ store, registry }: EditServices, id: string, given: unknown): Promise<EditedInput> {
  const [job] = await store.jobs.get([id]);
  if (!job) throw jobNotFound(id);
  const type = registry.get(job.type);
  const plain = asJson(type, given);
  const checked = await checkInput(store.files, type, keepSecrets(plain, job.input, job.secretFields));
  const secretFields = [...new Set([...job.secretFields, ...checked.secretFields])];
  return {
    input: { ...checked, secretFields },
    ...(hasMask(plain, job.secretFields) && { expectedInput: job.input }),
  };
}
