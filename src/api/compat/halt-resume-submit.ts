// What a submit of earlier API 3 says: keys in any letter case, days in either form. Each part that is wrong is an issue at
// its own place, and the places are ordered as that API looks at them.
import { z } from "zod";
import { dayOf } from "./named-month.ts";

type HaltableSubmit =
  | { readonly type: "Simple" }
  | { readonly type: "Export"; readonly from: string; readonly to: string };

const day = () => z.string().describe("`2019-Jan-01` or `2019-01-01`.");

/** What the document shows of it. */
const shown = z.object({
  Type: z.enum(["Simple", "Export"]),
  args: z
    .object({ from_date: day().optional(), to_date: day().optional() })
    .optional()
    .describe("Needed for `Export`, not read for `Simple`."),
});

/** The members of an object by their names in lower case; `null` for anything else. Of two alike, the last counts. */
function membersOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
}

function readSubmit(value: unknown, { issues }: { readonly issues: z.core.$ZodRawIssue[] }): HaltableSubmit {
  const refuse = (message: string, ...path: string[]) => {
    issues.push({ code: "custom", message, path, input: value });
    return z.NEVER;
  };
  const submit = membersOf(value);
  if (!submit) return refuse("must be an object");
  const type = submit.get("type");
  if (type !== "Simple" && type !== "Export") return refuse("must be Simple or Export", "type");
  const given = submit.get("args") ?? {};
  const args = membersOf(given);
  if (!args) return refuse("must be an object", "args");
  if (type === "Simple") return { type };
  const from = dayOf(args.get("from_date"));
  if (from === null) return refuse("must be a day", "args", "from_date");
  const to = dayOf(args.get("to_date"));
  if (to === null) return refuse("must be a day", "args", "to_date");
  return { type, from, to };
}

export const haltableSubmit = z
  .unknown()
  .transform(readSubmit)
  .meta(z.toJSONSchema(shown, { io: "input" }));
