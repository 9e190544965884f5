// Turns the lifecycle table into SQL expressions, once, when the module loads.
// Invariant: no store statement decides a transition by itself; all of them ask an expression that was built here.
import { type Condition, type LifecycleEvent, type State, type Target, transitionsOf } from "../../domain/lifecycle.ts";
import { crashBackoffMs } from "../../domain/retry.ts";

/** How a statement spells what the table talks of. A condition that a table row needs and that is missing is a bug. */
export interface Vocabulary {
  readonly phase: string;
  readonly state: string;
  readonly conditions: Readonly<Partial<Record<Condition, string>>>;
}

export const quoted = (text: string): string => `'${text}'`;

/** A list for `IN`. */
export const listed = (states: readonly State[]): string => `(${states.map(quoted).join(", ")})`;

function whenAll(conditions: readonly Condition[], words: Vocabulary): string {
  const terms = conditions.map((condition) => {
    const term = words.conditions[condition];
    if (term === undefined) throw new Error(`The statement has no word for the condition "${condition}".`);
    return term;
  });
  return terms.join(" AND ");
}

/** The first target that fits, spelled by `value`; NULL when none does. */
function choice(targets: readonly Target[], words: Vocabulary, value: (target: Target) => string): string {
  const arms: string[] = [];
  for (const target of targets) {
    const conditions = target.when ?? [];
    if (conditions.length === 0)
      return arms.length === 0 ? value(target) : `CASE ${arms.join(" ")} ELSE ${value(target)} END`;
    arms.push(`WHEN ${whenAll(conditions, words)} THEN ${value(target)}`);
  }
  return `CASE ${arms.join(" ")} END`;
}

function caseOf(event: LifecycleEvent, words: Vocabulary, value: (target: Target) => string): string {
  const phases = (["forward", "rollback"] as const).map((phase) => {
    const arms = transitionsOf(event)
      .filter((row) => row.phase === phase)
      .map((row) => `WHEN ${quoted(row.from)} THEN ${choice(row.targets, words, value)}`);
    const states = arms.length === 0 ? "NULL" : `CASE ${words.state} ${arms.join(" ")} END`;
    return `WHEN ${quoted(phase)} THEN ${states}`;
  });
  return `CASE ${words.phase} ${phases.join(" ")} END`;
}

/** The state that `event` leads to, or NULL where the lifecycle refuses it. */
export const stateAfter = (event: LifecycleEvent, words: Vocabulary): string =>
  caseOf(event, words, (target) => quoted(target.state));

/** The phase that `event` leads to, or NULL where the lifecycle refuses it. */
export const phaseAfter = (event: LifecycleEvent, words: Vocabulary): string =>
  caseOf(event, words, (target) => quoted(target.phase));

/** True where the destination was chosen because of `condition`, else false or NULL. */
export const chosenBy = (condition: Condition, event: LifecycleEvent, words: Vocabulary): string =>
  caseOf(event, words, (target) => ((target.when ?? []).includes(condition) ? "TRUE" : "FALSE"));

/** One of several events, which `name` tells apart at run time. */
export function eitherOf<E extends LifecycleEvent>(
  name: string,
  events: readonly E[],
  sql: (event: E) => string,
): string {
  return `CASE ${name} ${events.map((event) => `WHEN ${quoted(event)} THEN ${sql(event)}`).join(" ")} END`;
}

/** The wait after crash number `count`, in ms, as the domain says it. */
export function crashBackoff(count: string): string {
  const arms: string[] = [];
  let crash = 1;
  while (crashBackoffMs(crash) < crashBackoffMs(crash + 1)) {
    arms.push(`WHEN ${crash} THEN ${crashBackoffMs(crash)}`);
    crash += 1;
  }
  return `CASE ${count} ${arms.join(" ")} ELSE ${crashBackoffMs(crash)} END`;
}
