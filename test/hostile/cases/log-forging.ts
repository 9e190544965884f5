// What would like to stand in the server's log as a line, a colour or a command of its own. It is refused where it could be
// shown, and wherever it is told of, it stands on one line.
import { ask, BAD, get, type HostileCase, NO_JOB, NOWHERE, post, refused, submit, taken } from "../hostile-case.ts";
import { FORGED } from "../log-lines.ts";

const LINE = `\n${FORGED}\n`;
const CRLF = `\r\n${FORGED}\r\n`;
const encoded = encodeURIComponent(LINE);

export const LOG_FORGING: readonly HostileCase[] = [
  refused("a key with a line of a log", submit({ key: `k${LINE}` }), BAD),
  refused("a key that clears the screen", submit({ key: "\u001b[2J\u001b[H" }), BAD),
  refused("a key that sets the window's title", submit({ key: "\u001b]0;pwned\u0007" }), BAD),
  refused("a key with a control character of eight bits", submit({ key: "\u009b31m" }), BAD),
  refused("a key that rings", submit({ key: "\u0007" }), BAD),
  refused("a queue with a line of a log", submit({ queue: `q${LINE}` }), BAD),
  refused("a label's value with a line of a log", submit({ labels: { team: `red${LINE}` } }), BAD),
  refused("a label's value with an escape sequence", submit({ labels: { team: "\u001b[8mhidden" } }), BAD),
  refused("a reason with a line of a log", post("/api/v1/jobs/{{held}}/cancel", { reason: `why${CRLF}` }), BAD),
  refused("a requestId with a line of a log", post("/api/v1/jobs/{{held}}/cancel", { requestId: `r${LINE}` }), BAD),
  refused("a type with a line of a log", submit({ type: `t${LINE}` }), BAD),
  refused("a property whose name is a line of a log", submit({ [LINE]: 1 }), BAD),
  refused("an input's property whose name is a line of a log", submit({ input: { [LINE]: 1 } }), [
    400,
    "invalid_input",
  ]),
  refused("a job's id with a line of a log", get(`/api/v1/jobs/${encoded}`), NO_JOB),
  refused("a path with a line of a log", get(`/nothing/${encoded}`), NOWHERE),
  refused("a query with a line of a log", get(`/api/v1/jobs?${encoded}=1`), BAD),
  refused("a queue's path with a line of a log", post(`/api/v1/queues/${encoded}/pause`), BAD),
  refused("a schedule's name with a line of a log", ask("DELETE", `/api/v1/schedules/${encoded}`), NOWHERE),
  refused(
    "a deduplication's key with a line of a log",
    submit({ dedupe: { key: LINE, windowMs: 1, mode: "once" } }),
    BAD,
  ),
  refused("a line of Unicode in a key", submit({ key: `a\u2028${FORGED}` }), BAD),
  refused(
    "a paragraph of Unicode in a reason",
    post("/api/v1/jobs/{{held}}/cancel", { reason: `a\u2029${FORGED}` }),
    BAD,
  ),
  taken("a reason that is a line of a log, on one line", post("/api/v1/queues/logged/pause", { reason: FORGED }), {
    status: 200,
    stored: { queues: 1 },
  }),
];
