// Judges submits that ask for deduplication (on the writer's thread): inserts, merges into a job that waits, or neither.
// Invariant: a type and key have one window; a job that was ever handed out never gets another submit's input.
import type { DatabaseSync } from "node:sqlite";
import type { Dedupe } from "../../ports/store.ts";
import { integerOf, textOf } from "../sql/rows.ts";
import { createRewrite } from "./edits.ts";
import { type Answer, type BatchNeeds, FIELD, type Inserter, type Member } from "./insertions.ts";
import type { JobCounts } from "./job-counts.ts";
import * as sql from "./queries/submits.ts";

interface Window {
  readonly jobId: string;
  readonly openedAt: number;
  readonly endsAt: number;
  /** Its job was never handed out, and will be. */
  readonly waits: boolean;
}

type Span = Pick<Window, "openedAt" | "endsAt">;
type Judge = (member: Member, needs: BatchNeeds, now: number) => Answer;

const windowMsOf = (member: Member): number => Number(member[FIELD.windowMs]);
const textAt = (member: Member, field: number): string | null => {
  const value = member[field] ?? null;
  return value === null ? null : String(value);
};

function modeOf(member: Member): Dedupe["mode"] {
  const mode = member[FIELD.mode];
  if (mode === "once" || mode === "throttle" || mode === "debounce") return mode;
  throw new Error(`There is no deduplication "${String(mode)}".`);
}

export function createDedupe(db: DatabaseSync, counts: JobCounts, inserter: Inserter): Judge {
  const window = db.prepare(sql.window);
  const submitted = db.prepare(sql.submitted);
  const openWindow = db.prepare(sql.openWindow);
  const merge = createMerge(db, counts);

  function windowOf(member: Member): Window | null {
    const row = window.get(textAt(member, FIELD.type), textAt(member, FIELD.dedupeKey));
    if (row === undefined) return null;
    return {
      jobId: textOf(row, "job_id"),
      openedAt: integerOf(row, "opened_at"),
      endsAt: integerOf(row, "ends_at"),
      waits: integerOf(row, "waits") === 1,
    };
  }

  function open(member: Member, span: Span): void {
    const [type, key, id] = [FIELD.type, FIELD.dedupeKey, FIELD.id].map((field) => textAt(member, field));
    openWindow.run(type ?? null, key ?? null, id ?? null, span.openedAt, span.endsAt);
  }

  /** Inserts a member that stands for a window. `availableAt`: where the window says when it runs. */
  function insert(member: Member, needs: BatchNeeds, now: number, span: Span, availableAt?: number): Answer {
    const placed = availableAt === undefined ? member : member.with(FIELD.availableAt, availableAt);
    const answer = inserter.insertOne(placed, needs, now);
    if (answer[0] === "inserted") open(member, span);
    return answer;
  }

  const judges: Readonly<Record<Dedupe["mode"], Judge>> = {
    once(member, needs, now) {
      const known = windowOf(member);
      if (known && now < known.endsAt && !isOfWrongClock(known, now)) return ["existing", known.jobId];
      return insert(member, needs, now, { openedAt: now, endsAt: now + windowMsOf(member) });
    },
    throttle(member, needs, now) {
      const known = windowOf(member);
      if (!known || now >= known.endsAt) {
        return insert(member, needs, now, { openedAt: now, endsAt: now + windowMsOf(member) });
      }
      if (now < known.openedAt) {
        return known.waits ? merge(member, known.jobId, now) : insert(member, needs, now, known, known.openedAt);
      }
      const span = { openedAt: known.endsAt, endsAt: known.endsAt + windowMsOf(member) };
      return insert(member, needs, now, span, span.openedAt);
    },
    debounce(member, needs, now) {
      const known = windowOf(member);
      const endsAt = now + windowMsOf(member);
      if (!known?.waits) return insert(member, needs, now, { openedAt: now, endsAt }, endsAt);
      const answer = merge(member, known.jobId, now, endsAt);
      if (answer[0] === "merged") open(member.with(FIELD.id, known.jobId), { openedAt: known.openedAt, endsAt });
      return answer;
    },
  };

  // A member that is there already is the same submit again.
  return (member, needs, now) => {
    const row = submitted.get(textAt(member, FIELD.id));
    if (row !== undefined) return ["inserted", integerOf(row, "created_at"), integerOf(row, "available_at")];
    return judges[modeOf(member)](member, needs, now);
  };
}

/** Creates the function that gives a waiting job a submit's input, and what belongs to it. */
function createMerge(db: DatabaseSync, counts: JobCounts) {
  const rewrite = createRewrite(db, counts);
  return (member: Member, id: string, now: number, availableAt?: number): Answer => {
    const moved = availableAt === undefined ? {} : { availableAt };
    const changed = ["priority", ...Object.keys(moved), "labels", "input"];
    const fileIds = member[FIELD.fileIds];
    const done = rewrite(
      {
        id,
        actor: textAt(member, FIELD.actor) ?? "",
        reason: null,
        data: { changed, merged: true },
        priority: Number(member[FIELD.priority]),
        ...moved,
        labels: textAt(member, FIELD.labels) ?? "{}",
        input: {
          text: textAt(member, FIELD.input) ?? "null",
          exclusiveGroup: textAt(member, FIELD.exclusiveGroup),
          concurrencyKey: textAt(member, FIELD.concurrencyKey),
          secretFields: textAt(member, FIELD.secretFields) ?? "[]",
          fileIds: Array.isArray(fileIds) ? fileIds.map(String) : [],
        },
      },
      now,
    );
    if (done.kind === "edited") return ["merged", id, JSON.parse(done.change), done.availableAt];
    if (done.kind === "exclusive_group_taken") return [done.kind, done.holder];
    throw new Error(`The job ${id}, which a submit is merged into, does not wait any more.`);
  };
}

/** The next window of a throttle begins in the future, but not further than a window is long. */
const isOfWrongClock = ({ openedAt, endsAt }: Span, now: number): boolean => openedAt - now > endsAt - openedAt;
