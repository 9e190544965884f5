// Notices as they travel between processes: payloads of compact JSON, each naming who sent it.
// Invariant: no payload is larger than the server takes, and one that cannot be understood is one that was missed.
import type { JobChange, Notice } from "../../ports/notifier.ts";
import { heldRequestOf, jobChangeOf, parseArray } from "../sql/rows.ts";

export interface Heard {
  readonly sender: string;
  readonly notices: readonly Notice[];
}

/** The server takes less than 8,000. */
const PAYLOAD_BYTES = 7_900;

/** `[sender, entry, ...]`; an entry begins with a letter of its kind, and tells of one job at most. */
export function pack(sender: string, notices: readonly Notice[]): readonly string[] {
  const start = `[${JSON.stringify(sender)}`;
  const payloads: string[] = [];
  let entries: string[] = [];
  let bytes = 0;
  const finish = () => {
    if (entries.length > 0) payloads.push(`${[start, ...entries].join(",")}]`);
    entries = [];
    bytes = Buffer.byteLength(start) + 1;
  };
  finish();
  for (const entry of notices.flatMap(entriesOf)) {
    const text = JSON.stringify(entry);
    const more = Buffer.byteLength(text) + 1;
    if (bytes + more > PAYLOAD_BYTES) finish();
    entries.push(text);
    bytes += more;
  }
  finish();
  return payloads;
}

/** Sends what belongs to a transaction of a caller: the server delivers it when that commits. Nobody is there because of it. */
export const TRANSACTION_SENDER = "transaction";

/** Says only that the sender is there. */
export const greetingOf = (sender: string): string => JSON.stringify([sender]);

export function unpack(payload: string): Heard {
  try {
    const [sender, ...entries] = parseArray(JSON.parse(payload));
    return { sender: String(sender), notices: gather(entries.map((entry) => parseArray(entry))) };
  } catch {
    return { sender: "", notices: [{ kind: "resync" }] };
  }
}

type Entry = readonly unknown[];

function entriesOf(notice: Notice): readonly Entry[] {
  switch (notice.kind) {
    case "control":
      return [["c", notice.workerId, notice.jobId, notice.token, notice.action]];
    case "work":
      return [["w", Math.ceil(notice.inMs)]];
    case "changed":
      return notice.jobs.map(({ id, type, queue, state, phase, removed }) =>
        removed ? ["x", id, type, queue, state, phase] : ["j", id, type, queue, state, phase],
      );
    case "logged":
      return notice.jobIds.map((id) => ["l", id]);
    case "resync":
      return [["r"]];
  }
}

/** Changes, and lines, of one payload are one notice each. */
function gather(entries: readonly Entry[]): readonly Notice[] {
  const notices: Notice[] = [];
  const changed: JobChange[] = [];
  const logged: string[] = [];
  for (const [kind, ...fields] of entries) {
    if (kind === "c") notices.push(controlOf(fields));
    else if (kind === "w") notices.push({ kind: "work", inMs: Math.max(0, Number(fields[0])) });
    else if (kind === "j") changed.push(jobChangeOf(fields));
    else if (kind === "x") changed.push({ ...jobChangeOf(fields), removed: true });
    else if (kind === "l") logged.push(String(fields[0]));
    // Also what a newer program says.
    else notices.push({ kind: "resync" });
  }
  if (changed.length > 0) notices.push({ kind: "changed", jobs: changed });
  if (logged.length > 0) notices.push({ kind: "logged", jobIds: logged });
  return notices;
}

function controlOf([workerId, ...request]: Entry): Notice {
  return { kind: "control", workerId: String(workerId), ...heldRequestOf(request) };
}
