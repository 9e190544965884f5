// Moves jobs through the lifecycle (on the writer's thread): settlements, requests, and jobs of dead workers. Each first
// writes down its moves, as the lifecycle table allows them; one statement applies them, one records them.
// Invariant: `moves` is empty between operations.
import type { DatabaseSync } from "node:sqlite";
import { ACTIONS, isRepeat } from "../../domain/lifecycle.ts";
import {
  type ControlArguments,
  controlArgumentsOf,
  integerOf,
  placeOf,
  stateOf,
  textOf,
  textOrNull,
} from "../sql/rows.ts";
import type { JobCounts } from "./job-counts.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/moves.ts";
import { get as getJobs } from "./queries/reads.ts";
import { expireWorkers as expire, removeDeadWorkers as removeDead } from "./queries/workers.ts";

/** What a replayed request is answered, by the kind of entry that its first answer left. */
const REPLAYS: Readonly<Record<string, ControlKind>> = { repeated: "already", refused: "refused" };

type ControlKind = "requested" | "already" | "refused" | "key_taken" | "exclusive_group_taken" | "missing";

export function createMoves(db: DatabaseSync, counts: JobCounts) {
  db.exec(sql.CREATE_MOVES);
  const clear = db.prepare(sql.clearMoves);
  const apply = db.prepare(sql.applyMoves);
  const record = db.prepare(sql.recordMoves);
  const moved = db.prepare(sql.movedJobs);
  const settle = db.prepare(sql.settle);
  const saveSteps = db.prepare(sql.saveSteps);
  const expireWorkers = db.prepare(expire);
  const reap = db.prepare(sql.reap);
  const removeDeadWorkers = db.prepare(removeDead);
  const control = createControl(db);

  /** Applies what is in `moves`; answers `[[pos, id, type, queue, state, phase, availableAt], ...]`. */
  function applyAll(now: number): string {
    apply.run(now);
    record.run(now);
    const answers: string[] = [];
    for (const row of moved.iterate()) {
      const place = { type: textOf(row, "type"), queue: textOf(row, "queue") };
      counts.moved(place, stateOf(row, "from_state"), stateOf(row, "state"), integerOf(row, "jobs"));
      answers.push(textOf(row, "moved").slice(1, -1));
    }
    clear.run();
    return `[${answers.join()}]`;
  }

  return {
    /** `steps`: how many members bring a step. */
    settle({ now }: Moment, members: string, steps: number): string {
      if (settle.run(members, now).changes === 0) return "[]";
      if (steps > 0) saveSteps.run();
      return applyAll(now);
    },
    reap({ now, monotonic }: Moment, crashLimit: number): string {
      expireWorkers.run(monotonic);
      const answer = reap.run(now, crashLimit).changes === 0 ? "[]" : applyAll(now);
      removeDeadWorkers.run();
      return answer;
    },
    /** One request. Answers `[kind, record, holder, granted]`: a replay repeats its answer, and is not granted again. */
    control({ now }: Moment, writeText: string): string {
      const write = controlArgumentsOf(writeText);
      const judged = control.judge(write, now);
      const granted = judged.kind === "requested" && !judged.replayed;
      if (granted) applyAll(now);
      else clear.run();
      return `["${judged.kind}",${control.recordOf(write.id)},${JSON.stringify(judged.holder ?? null)},${granted}]`;
    },
  };
}

interface Judgement {
  readonly kind: ControlKind;
  readonly replayed?: boolean;
  readonly holder?: string;
}

/** Decides one request; when it is granted, its move waits in `moves`. */
function createControl(db: DatabaseSync) {
  const byAction = new Map(
    ACTIONS.map((action) => {
      const statement = db.prepare(sql.control[action]);
      // Not every action's statement mentions every field of a request.
      statement.setAllowUnknownNamedParameters(true);
      return [action, statement];
    }),
  );
  const holders = db.prepare(sql.controlHolders);
  const place = db.prepare(sql.controlPlace);
  const replay = db.prepare(sql.controlReplay);
  const recordAnswer = db.prepare(sql.recordAnswer);
  const countAnswer = db.prepare(sql.countAnswer);
  const get = db.prepare(getJobs);

  function replayOf({ id, requestId }: ControlArguments): Judgement | null {
    if (requestId === null) return null;
    const row = replay.get(id, requestId);
    return row === undefined ? null : { kind: REPLAYS[textOf(row, "kind")] ?? "requested", replayed: true };
  }

  function conflict(): Judgement | null {
    const row = holders.get();
    if (row === undefined) return null;
    const key = textOrNull(row, "key_holder");
    if (key !== null) return { kind: "key_taken", holder: key };
    const group = textOrNull(row, "group_holder");
    return group === null ? null : { kind: "exclusive_group_taken", holder: group };
  }

  function withoutMove(write: ControlArguments, now: number): Judgement {
    const row = place.get(write.id);
    if (row === undefined) return { kind: "missing" };
    const { phase, state, last } = placeOf(row);
    const meant = write.phase === null || write.phase === phase;
    const kind = meant && isRepeat(write.action, phase, state, last) ? "already" : "refused";
    if (write.requestId !== null) {
      recordAnswer.run({
        id: write.id,
        now,
        kind: kind === "already" ? "repeated" : "refused",
        actor: write.actor,
        reason: write.reason,
        requestId: write.requestId,
        action: write.action,
      });
      countAnswer.run(write.id);
    }
    return { kind };
  }

  function request(write: ControlArguments, now: number): boolean {
    const { id, action, actor, reason, requestId, rollback, fromStart, phase } = write;
    const result = byAction.get(action)?.run({ id, actor, reason, requestId, now, rollback, fromStart, phase });
    return result?.changes === 1;
  }

  return {
    judge(write: ControlArguments, now: number): Judgement {
      const replayed = replayOf(write);
      if (replayed !== null) return replayed;
      if (!request(write, now)) return withoutMove(write, now);
      return conflict() ?? { kind: "requested" };
    },
    recordOf(id: string): string {
      const row = get.get(JSON.stringify([id]));
      return row === undefined ? "null" : textOf(row, "record");
    },
  };
}
