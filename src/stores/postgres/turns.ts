// Lets only so many calls be under way at once, in the order in which they came.

export interface Turns {
  take<R>(work: () => Promise<R>): Promise<R>;
}

/** Creates turns of which `count` can be taken at once. */
export function createTurns(count: number): Turns {
  const waiting: (() => void)[] = [];
  let free = count;
  return {
    async take(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}
