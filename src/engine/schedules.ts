// Managing schedules: what a schedule says is checked when it is made or changed, as if its job were submitted then.
// Firing is the scheduler's.
import { invalidInput, invalidRequest, PawlError } from "../domain/errors.ts";
import type { Json } from "../domain/json.ts";
import { LIMITS } from "../domain/limits.ts";
import {
  MISSED_POLICIES,
  type NewSchedule,
  OVERLAP_POLICIES,
  type ScheduleEdit,
  type ScheduleRecord,
} from "../domain/schedule.ts";
import { keepSecrets } from "../domain/secrets.ts";
import type { Clock } from "../ports/clock.ts";
import type { ScheduleWrite, Store } from "../ports/store.ts";
import { checkCron } from "./cron.ts";
import type { Schedules } from "./manager.ts";
import type { RegisteredType, Registry } from "./registry.ts";
import { toSchedule } from "./schedule-view.ts";
import { requestOf } from "./scheduled-job.ts";
import { checkSettings } from "./submit-checks.ts";
import { asJson, filesOf } from "./submit-input.ts";

export interface ScheduleServices {
  readonly store: Pick<Store, "schedules">;
  readonly registry: Registry;
  readonly clock: Clock;
  /** Something may be due sooner than before. */
  readonly onChange: () => void;
}

export function createSchedules({ store, registry, clock, onChange }: ScheduleServices): Schedules {
  const { schedules } = store;
  const find = async (name: string): Promise<ScheduleRecord> => {
    const found = (await schedules.schedules()).find((schedule) => schedule.name === name);
    if (!found) throw notFound(name);
    return found;
  };
  const show = (record: ScheduleRecord) => toSchedule(record, registry, clock.now());
  return {
    list: async () => (await schedules.schedules()).map(show),
    get: async (name) => show(await find(name)),
    async create(schedule) {
      checkName(schedule.name);
      const write = await check(merge(draftOf(schedule), schedule, registry.get(schedule.type)), registry);
      const nextAt = nextFiring(write, null, clock.now());
      if ((await schedules.createSchedule({ ...write, nextAt })) === "name_taken") throw nameTaken(write.name);
      onChange();
      return show(await find(write.name));
    },
    async edit(name, change) {
      const present = await find(name);
      // Whatever became of its job type, a schedule can be stopped.
      const write = onlyPauses(change)
        ? { ...termsOf(present), paused: true }
        : await check(merge(present, change, registry.get(change.type ?? present.type)), registry);
      const nextAt = nextFiring(write, present, clock.now());
      if ((await schedules.editSchedule({ ...write, nextAt }, present.revision)) === "stale") throw changed(name);
      onChange();
      return show(await find(name));
    },
    async remove(name) {
      if (!(await schedules.removeSchedule(name))) throw notFound(name);
    },
  };
}

function onlyPauses(change: ScheduleEdit): boolean {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return given.length === 1 && change.paused === true;
}

const notFound = (name: string) => new PawlError("not_found", `There is no schedule "${name}".`);
const nameTaken = (name: string) =>
  new PawlError("name_taken", `There is a schedule "${name}" already. Edit it, or use another name.`);
const changed = (name: string) =>
  new PawlError("changed_meanwhile", `The schedule "${name}" was changed by somebody else meanwhile. Try again.`);

/** Clocks are set back by an hour, or a zone: a day at most. */
const LONGEST_SETBACK_MS = 86_400_000;
const NAME = /^[A-Za-z0-9_.-]+$/;

function checkName(name: string): void {
  // A path that ends in dots names another place.
  if (NAME.test(name) && !/^\.+$/.test(name) && name.length <= LIMITS.scheduleNameLength) return;
  throw invalidRequest(
    `"${name}" cannot be the name of a schedule: use 1 to ${LIMITS.scheduleNameLength} letters, digits and _ . -`,
  );
}

/** What a schedule says, without when it fires next. */
type Terms = Omit<ScheduleWrite, "nextAt">;

const draftOf = ({ name, cron, type }: NewSchedule): Terms => ({
  name,
  cron,
  type,
  timeZone: "UTC",
  input: null,
  queue: null,
  priority: 0,
  labels: {},
  overlap: "skip",
  missed: "one",
  paused: false,
});

function termsOf(schedule: ScheduleRecord): Terms {
  const { name, cron, timeZone, type, input, queue, priority, labels, overlap, missed, paused } = schedule;
  return { name, cron, timeZone, type, input, queue, priority, labels, overlap, missed, paused };
}

/** `change` over `base`. */
function merge(base: Terms, change: ScheduleEdit, type: RegisteredType): Terms {
  return {
    name: base.name,
    cron: change.cron ?? base.cron,
    timeZone: change.timeZone ?? base.timeZone,
    type: type.info.name,
    input: mergeInput(base, change.input, type),
    queue: change.queue === undefined ? base.queue : change.queue,
    priority: change.priority ?? base.priority,
    labels: change.labels ?? base.labels,
    overlap: change.overlap ?? base.overlap,
    missed: change.missed ?? base.missed,
    paused: change.paused ?? base.paused,
  };
}

/** A secret that is given as the mask keeps its value, but what one type keeps secret another may show. */
function mergeInput(base: Terms, given: unknown, type: RegisteredType): Json {
  if (base.type === type.info.name) {
    return given === undefined ? base.input : keepSecrets(asJson(type, given), base.input, type.secretFields);
  }
  if (given === undefined) throw invalidRequest("A new type needs an input of its own: give input too.");
  return asJson(type, given);
}

async function check(terms: Terms, registry: Registry): Promise<Terms> {
  checkSettings(requestOf(terms, 0));
  checkPolicy("overlap", terms.overlap, OVERLAP_POLICIES);
  checkPolicy("missed", terms.missed, MISSED_POLICIES);
  const type = registry.get(terms.type);
  await type.parse(terms.input);
  const problems = filesOf(terms.input, type.fileFields).map(({ field }) => ({
    pointer: `/${field}`,
    message: "names an uploaded file, which belongs to one job and goes with it; a schedule cannot keep one",
  }));
  if (problems.length > 0) throw invalidInput(terms.type, problems);
  return terms;
}

function checkPolicy(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw invalidRequest(`${name} is "${value}"; use one of ${known.join(", ")}.`);
}

/** Throws `invalid_request` for a cron expression or time zone that is wrong, also of a paused schedule. */
function nextFiring(terms: Terms, present: ScheduleRecord | null, now: number): number | null {
  const timetable = checkCron(terms.cron, terms.timeZone, now);
  if (terms.paused) return null;
  const keepsTime =
    present !== null && !present.paused && present.cron === terms.cron && present.timeZone === terms.timeZone;
  if (keepsTime) return present.nextAt;
  // What fired does not fire again where the clock was set back; a firing of the far future was made by a wrong clock.
  const lastAt = present?.last?.fireAt ?? now;
  return timetable.after(lastAt - now > LONGEST_SETBACK_MS ? now : Math.max(now, lastAt));
}
