// Finds the definition of a job type in the module that is said to export it.
import type { AnyJobDefinition } from "../engine/registry.ts";

/** Importing the module again would give the same. */
export class UnusableModule extends Error {}

/** Rejects with what the module throws, or with `UnusableModule` when it does not export the type. */
export async function importDefinition(module: string, type: string): Promise<AnyJobDefinition> {
  const exported: Readonly<Record<string, unknown>> = await import(module);
  const found = Object.values(exported).find((value) => isDefinition(value, type));
  if (isDefinition(found, type)) return found;
  const names = Object.keys(exported).join(", ") || "nothing";
  throw new UnusableModule(
    `The module ${module} does not export the job type "${type}"; it exports ${names}. Export what defineJob answers, and name this module in ownProcess.`,
  );
}

function isDefinition(value: unknown, type: string): value is AnyJobDefinition {
  return typeof value === "object" && value !== null && "type" in value && value.type === type && "run" in value;
}
