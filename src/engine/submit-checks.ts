// What a request to submit or to change a job may say besides its input. Refused before anything is stored, with a
// message that names the field and what fits.
import { invalidRequest } from "../domain/errors.ts";
import type { DedupeRequest, SubmitRequest } from "../domain/job-control.ts";
import { LIMITS } from "../domain/limits.ts";
import { checkFields } from "./request-fields.ts";

type Settings = Omit<SubmitRequest, "type" | "input">;

const SUBMIT_FIELDS = [
  "type",
  "input",
  "queue",
  "priority",
  "availableAt",
  "maxAttempts",
  "key",
  "labels",
  "timeoutMs",
  "dedupe",
] as const satisfies readonly (keyof SubmitRequest)[];

/** Throws `invalid_request` for a field that a submit does not have, and as `checkSettings`. */
export function checkSubmit(request: SubmitRequest): void {
  checkFields("A submit", request, SUBMIT_FIELDS);
  checkSettings(request);
}

/** Throws `invalid_request` for the first setting that does not fit. */
export function checkSettings(settings: Settings): void {
  const { key, queue, priority = 0, maxAttempts = 1, timeoutMs = 1 } = settings;
  if (key !== undefined) checkName("key", key, LIMITS.keyLength);
  if (queue !== undefined) checkQueueName("queue", queue);
  checkInteger("priority", priority, { from: -LIMITS.priority, to: LIMITS.priority });
  checkInteger("maxAttempts", maxAttempts, { from: 1, to: LIMITS.maxAttempts });
  checkInteger("timeoutMs", timeoutMs, { from: 1, to: LIMITS.timeoutMs });
  checkLabels(settings.labels ?? {});
  if (settings.dedupe) checkDedupe(settings.dedupe, settings.availableAt);
}

/** Throws `invalid_request` unless `value` is a text of 1 to `maxLength` characters. */
export function checkName(what: string, value: unknown, maxLength: number): void {
  if (!fits(value, maxLength)) throw invalidRequest(`${what} has to have 1 to ${maxLength} characters.`);
}

/** As `checkName`; a name of dots only could not be addressed over HTTP. */
export function checkQueueName(what: string, value: unknown): void {
  checkName(what, value, LIMITS.queueLength);
  if (typeof value === "string" && /^\.+$/.test(value)) throw invalidRequest(`${what} cannot be "${value}".`);
}

/** Throws `invalid_request` for queues of which a worker could not claim anything. `null`: all. */
export function checkServedQueues(queues: readonly string[] | null): void {
  if (queues === null) return;
  if (!Array.isArray(queues) || queues.length === 0) {
    throw invalidRequest("queues has to name at least one queue; leave it out to claim from all of them.");
  }
  for (const name of queues) checkQueueName("A name in queues", name);
}

/** Throws `invalid_request` unless `value` is a whole number in the range. */
export function checkInteger(
  what: string,
  value: unknown,
  range: { readonly from: number; readonly to: number },
): void {
  if (Number.isInteger(value) && Number(value) >= range.from && Number(value) <= range.to) return;
  throw invalidRequest(`${what} is ${value}; use a whole number from ${range.from} to ${range.to}.`);
}

/** The end of the year 9999: later years have no four digits. */
const LAST_MOMENT = 253_402_300_799_999;

/** The moment (epoch ms) that an ISO 8601 text names, from 1970 on. Throws `invalid_request`. */
export function parseTime(text: string): number {
  const at = Date.parse(text);
  if (at >= 0 && at <= LAST_MOMENT) return at;
  throw invalidRequest(`availableAt is "${text}"; use an ISO 8601 time such as 2030-01-31T12:00:00Z.`);
}

function checkLabels(labels: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(labels);
  const good = pairs.every(
    ([name, value]) =>
      fits(name, LIMITS.labelNameLength) && !name.includes(":") && isText(value, LIMITS.labelValueLength),
  );
  if (good && pairs.length <= LIMITS.labels) return;
  throw invalidRequest(
    `labels are at most ${LIMITS.labels} texts: names of 1 to ${LIMITS.labelNameLength} characters without a colon, ` +
      `values of at most ${LIMITS.labelValueLength}.`,
  );
}

const MODES: readonly DedupeRequest["mode"][] = ["once", "throttle", "debounce"];

function checkDedupe({ key, windowMs, mode }: DedupeRequest, availableAt: string | undefined): void {
  checkName("dedupe.key", key, LIMITS.keyLength);
  checkInteger("dedupe.windowMs", windowMs, { from: 1, to: LIMITS.dedupeWindowMs });
  if (!MODES.includes(mode)) throw invalidRequest(`dedupe.mode is "${mode}"; use one of ${MODES.join(", ")}.`);
  if (mode !== "once" && availableAt !== undefined) {
    throw invalidRequest(`With dedupe.mode "${mode}" the window says when the job runs: leave availableAt out.`);
  }
}

const isText = (value: unknown, maxLength: number): value is string =>
  typeof value === "string" && value.length <= maxLength && value.isWellFormed();
const fits = (value: unknown, maxLength: number): boolean => isText(value, maxLength) && value.length > 0;
