// Judges submits that ask for deduplication: inserts, merges into a job that waits, or neither.
// Invariant: a type and key have one window, and one transaction at a time judges it; a job that was ever handed out never
// gets another submit's input.
import type { Dedupe, NewJob } from "../../ports/store.ts";
import { integerOf, jobChangeOf, textOf } from "../sql/rows.ts";
import type { Session } from "./database.ts";
import { insertOne } from "./fitting.ts";
import { alreadyInserted } from "./insertions.ts";
import type { Outcome } from "./members.ts";
import * as sql from "./queries/submits.ts";
import { rewrite } from "./rewrite.ts";

interface Span {
  readonly openedAt: number;
  readonly endsAt: number;
}

interface Window extends Span {
  readonly jobId: string;
  /** Its job was never handed out, and will be. */
  readonly waits: boolean;
}

/** A submit that is judged, and when. */
interface Case {
  readonly transaction: Session;
  readonly job: NewJob;
  readonly dedupe: Dedupe;
  readonly known: Window | null;
  readonly now: number;
}

/** Keeps others from judging the windows of these jobs until the transaction ends; in one order, so that nobody waits in a circle. */
export async function lockWindows(transaction: Session, jobs: readonly NewJob[]): Promise<void> {
  const windows = new Map(
    jobs.flatMap(({ type, dedupe }) => (dedupe ? [[`${type}\n${dedupe.key}`, { type, key: dedupe.key }]] : [])),
  );
  for (const name of [...windows.keys()].sort()) {
    const { type = "", key = "" } = windows.get(name) ?? {};
    await transaction.run(sql.lockWindow, type, key);
  }
}

/** In a transaction that holds the window's lock, and the queue's where its limit is to be kept exactly. */
export async function insertDeduplicated(transaction: Session, job: NewJob, dedupe: Dedupe): Promise<Outcome> {
  // A member that is there already is the same submit again.
  const there = await alreadyInserted(transaction, job);
  if (there !== null) return there;
  const now = integerOf((await transaction.run(sql.now))[0], "now");
  const known = await windowOf(transaction, job.type, dedupe.key);
  return JUDGES[dedupe.mode]({ transaction, job, dedupe, known, now });
}

async function windowOf(transaction: Session, type: string, key: string): Promise<Window | null> {
  const [row] = await transaction.run(sql.window, type, key);
  if (row === undefined) return null;
  const jobId = textOf(row, "job_id");
  const [job] = await transaction.run(sql.waits, jobId);
  return {
    jobId,
    openedAt: integerOf(row, "opened_at"),
    endsAt: integerOf(row, "ends_at"),
    waits: job?.waits === true,
  };
}

const windowMs = ({ dedupe }: Case): number => Math.round(dedupe.windowMs);
const fromNow = (given: Case): Span => ({ openedAt: given.now, endsAt: given.now + windowMs(given) });

const JUDGES: Readonly<Record<Dedupe["mode"], (given: Case) => Promise<Outcome>>> = {
  async once(given) {
    const { known, now } = given;
    if (known && now < known.endsAt) return { result: { kind: "existing", holder: known.jobId }, waiting: null };
    return insert(given, fromNow(given));
  },
  async throttle(given) {
    const { known, now } = given;
    if (!known || now >= known.endsAt) return insert(given, fromNow(given));
    // The window begins when the job that waits for it may start.
    if (now < known.openedAt) return known.waits ? merge(given, known) : insert(given, known, known.openedAt);
    const span = { openedAt: known.endsAt, endsAt: known.endsAt + windowMs(given) };
    return insert(given, span, span.openedAt);
  },
  async debounce(given) {
    const { known } = given;
    const span = fromNow(given);
    if (!known?.waits) return insert(given, span, span.endsAt);
    const outcome = await merge(given, known, span.endsAt);
    if (outcome.result.kind === "merged")
      await open(given, known.jobId, { openedAt: known.openedAt, endsAt: span.endsAt });
    return outcome;
  },
};

async function open({ transaction, job, dedupe }: Case, jobId: string, { openedAt, endsAt }: Span): Promise<void> {
  await transaction.run(sql.openWindow, job.type, dedupe.key, jobId, openedAt, endsAt);
}

/** Inserts a job that stands for a window. `availableAt`: where the window says when it runs. */
async function insert(given: Case, span: Span, availableAt?: number): Promise<Outcome> {
  const { transaction, job } = given;
  const outcome = await insertOne(transaction, availableAt === undefined ? job : { ...job, availableAt });
  if (outcome.result.kind === "inserted") await open(given, job.id, span);
  return outcome;
}

/** Gives a waiting job a submit's input, and what belongs to it. */
async function merge({ transaction, job }: Case, { jobId }: Window, availableAt?: number): Promise<Outcome> {
  const moved = availableAt === undefined ? {} : { availableAt };
  const done = await rewrite(transaction, {
    id: jobId,
    actor: job.actor,
    reason: null,
    data: { changed: ["priority", ...Object.keys(moved), "labels", "input"], merged: true },
    priority: job.priority,
    ...moved,
    labels: JSON.stringify(job.labels),
    input: {
      text: JSON.stringify(job.input),
      exclusiveGroup: job.exclusiveGroup,
      concurrencyKey: job.concurrencyKey,
      secretFields: JSON.stringify(job.secretFields),
      fileIds: job.fileIds,
    },
  });
  if (done.kind === "exclusive_group_taken") return { result: done, waiting: null };
  if (done.kind !== "edited")
    throw new Error(`The job ${jobId}, which a submit is merged into, does not wait any more.`);
  const waiting = { ...jobChangeOf(done.row?.change), availableAt: integerOf(done.row, "available_at") };
  return { result: { kind: "merged", holder: jobId }, waiting };
}
