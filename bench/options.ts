// What the command line asks for.
import type { StoreName } from "./backend.ts";

export interface Options {
  readonly store: StoreName;
  readonly peers: boolean;
  readonly quick: boolean;
  /** Whether results are printed as rows of the tables in docs/reference/performance.md. */
  readonly markdown: boolean;
  /** Workloads; none: all. */
  readonly names: readonly string[];
}

export const USAGE = `Usage: npm run bench -- [--store sqlite|postgres] [--peers] [--quick] [--markdown] [W1 W2 ...]
  --store     what to measure on: sqlite (default), or postgres, on a server of its own with a durable configuration
  --peers     beside pg-boss and graphile-worker, which are installed in a folder of their own (postgres only)
  --quick     a tenth of everything, once: to see whether it works
  --markdown  medians only, as docs/reference/performance.md has them
Or:    npm run bench -- simulation
  what a fleet of up to 10,000 workers does on one database and on several, simulated`;

/** Answers what is wrong, where something is. */
export function optionsOf(words: readonly string[], known: readonly string[]): Options | string {
  const left = [...words];
  const flag = (name: string): boolean => {
    const index = left.indexOf(name);
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  };
  const peers = flag("--peers");
  const quick = flag("--quick");
  const markdown = flag("--markdown");
  const at = left.indexOf("--store");
  const [, store = "sqlite"] = at < 0 ? [] : left.splice(at, 2);
  if (store !== "sqlite" && store !== "postgres") return `Unknown store: ${store}.`;
  if (peers && store !== "postgres") return "--peers needs --store postgres.";
  const names = left.map((name) => name.toUpperCase());
  const unknown = names.filter((name) => !known.includes(name));
  return unknown.length > 0
    ? `Unknown workload: ${unknown.join(", ")}. Known: ${known.join(", ")}.`
    : { store, peers, quick, markdown, names };
}
