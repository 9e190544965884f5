// The corpus, by theme.
import type { HostileCase } from "../hostile-case.ts";
import { METHODS, PATHS, QUERIES } from "./addresses.ts";
import { BULK_ACTIONS, CONTROLS, EDITS, QUEUES_AND_SCHEDULES, TOKENS } from "./bodies.ts";
import { CSV_TASKS, FILE_TASKS, HALT_AND_RESUME, START_AND_STOP, WORKER_POOL } from "./earlier-apis.ts";
import { FILE_NAMES, FORMS } from "./forms.ts";
import { FRAMING } from "./framing.ts";
import { CREDENTIALS, HEADER_BYTES, HOSTS_AND_SITES, KEYS_AND_RANGES } from "./headers.ts";
import { JOB_INPUTS } from "./job-inputs.ts";
import { JSON_BODIES } from "./json-bodies.ts";
import { LOG_FORGING } from "./log-forging.ts";
import { NUMBERS_AND_TIMES } from "./numbers-and-times.ts";
import { SUBMIT_FIELDS } from "./submit-fields.ts";

export const CASES: readonly { readonly theme: string; readonly cases: readonly HostileCase[] }[] = [
  { theme: "bodies that are no JSON", cases: JSON_BODIES },
  { theme: "properties of a submit", cases: SUBMIT_FIELDS },
  { theme: "numbers and times", cases: NUMBERS_AND_TIMES },
  { theme: "edits", cases: EDITS },
  { theme: "control requests", cases: CONTROLS },
  { theme: "bulk actions", cases: BULK_ACTIONS },
  { theme: "queues and schedules", cases: QUEUES_AND_SCHEDULES },
  { theme: "tokens, sessions and audit", cases: TOKENS },
  { theme: "inputs of jobs", cases: JOB_INPUTS },
  { theme: "paths", cases: PATHS },
  { theme: "queries", cases: QUERIES },
  { theme: "methods", cases: METHODS },
  { theme: "hosts and sites", cases: HOSTS_AND_SITES },
  { theme: "bytes of headers", cases: HEADER_BYTES },
  { theme: "credentials", cases: CREDENTIALS },
  { theme: "keys and ranges", cases: KEYS_AND_RANGES },
  { theme: "where a request ends", cases: FRAMING },
  { theme: "forms", cases: FORMS },
  { theme: "file names", cases: FILE_NAMES },
  { theme: "earlier API 1: start and stop", cases: START_AND_STOP },
  { theme: "earlier API 2: uploads and exports", cases: CSV_TASKS },
  { theme: "earlier API 3: halt and resume", cases: HALT_AND_RESUME },
  { theme: "earlier API 4: worker pool", cases: WORKER_POOL },
  { theme: "earlier API 5: tasks", cases: FILE_TASKS },
  { theme: "forging the log", cases: LOG_FORGING },
];
