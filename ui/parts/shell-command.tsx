// Commands for a shell that do on this server what the page does.
import { useQuery } from "@tanstack/react-query";
import type { JobTypeInfo } from "../../src/client/index.ts";
import { READS } from "../data/server.ts";
import { useSession } from "../data/session.ts";
import { Command } from "./empty-state.tsx";

/** Submits a job of a type that this server has. */
export function SubmitCommand({ queue }: { readonly queue?: string }) {
  const { data: types } = useQuery(READS.jobTypes);
  if (!types) return null;
  const { type, input } = exampleOf(types);
  return <PostCommand path="/jobs" body={{ type, ...(queue === undefined ? {} : { queue }), input }} />;
}

/** Makes a schedule of a job type that this server has. */
export function ScheduleCommand() {
  const { data: types } = useQuery(READS.jobTypes);
  return types ? (
    <PostCommand path="/schedules" body={{ name: "hourly", cron: "0 * * * *", ...exampleOf(types) }} />
  ) : null;
}

interface PostCommandProps {
  /** Below `/api/v1`. */
  readonly path: string;
  readonly body: object;
}

function PostCommand({ path, body }: PostCommandProps) {
  const { data: session } = useSession();
  return (
    <Command>
      {[
        `curl ${location.origin}/api/v1${path} \\`,
        "  -H 'content-type: application/json' \\",
        ...(session?.signedIn ? ['  -H "authorization: Bearer $PAWL_TOKEN" \\'] : []),
        `  -d '${JSON.stringify(body)}'`,
      ].join("\n")}
    </Command>
  );
}

/** The ticker where the server has it, which needs no data; else its first type, of which only the author knows the input. */
function exampleOf(types: readonly JobTypeInfo[]): { readonly type: string; readonly input: object } {
  if (types.some(({ name }) => name === "ticker")) return { type: "ticker", input: { times: 30 } };
  return { type: types[0]?.name ?? "your-type", input: {} };
}
