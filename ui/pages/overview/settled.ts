// Which rows of a short list are shown where, so that none moves while a person looks.

/**
 * The ids to show: those of `before` stay where they are as far as they are in `present`; others take the free places.
 *
 * @example
 * settled(["a", "b", "c"], ["d", "c", "a"], 3); // ["a", "d", "c"]
 */
export function settled(before: readonly string[], present: readonly string[], most: number): readonly string[] {
  const added = present.filter((id) => !before.includes(id))[Symbol.iterator]();
  const kept = before.flatMap((id) => {
    if (present.includes(id)) return [id];
    const next = added.next();
    return next.done ? [] : [next.value];
  });
  return [...kept, ...added].slice(0, most);
}
