// The page that a browser gets where a GET would change something: it says what is about to happen, to which job, and
// sends it on as a POST when its button is pressed. Whatever comes from the request stands in it as text.
import { createHash } from "node:crypto";
import type { FastifyReply } from "fastify";
import { type Headers, pageHeaders } from "../security-headers.ts";

/** What the page asks. */
export interface Confirmation {
  /** What happens, as a heading: "Stop a job". */
  readonly heading: string;
  /** The caller's id of the job. */
  readonly job: string;
  /** What it means, in a sentence or two. */
  readonly effect: string;
  /** What stands on the button: "Stop it". */
  readonly button: string;
  /** It ends and undoes nothing, so the button does not warn. */
  readonly harmless?: boolean;
}

export type ConfirmPage = (reply: FastifyReply, confirmation: Confirmation) => Promise<string>;

/** Creates the page. Its headers are worked out when it is first asked for. */
export function createConfirmPage(): ConfirmPage {
  let headers: Promise<Headers> | undefined;
  return async (reply, confirmation) => {
    headers ??= pageHeaders(DIRECTIVES);
    // With no-referrer, the default, a form's POST has the Origin "null", which the guard takes for a foreign page.
    reply.headers(await headers).header("referrer-policy", "same-origin");
    reply.type("text/html; charset=utf-8");
    return pageOf(confirmation, reply.request.mayOnlyAsk ? SIGN_IN : "");
  };
}

const STYLE = `
:root { color-scheme: light dark; --text: #1c2024; --soft: #60646c; --page: #f7f8f9; --card: #fff; --line: #d9dce1; --harm: #b42318; --calm: #0b68cb; --on-act: #fff; --ring: #0b68cb; }
@media (prefers-color-scheme: dark) {
  :root { --text: #edeef0; --soft: #b0b4ba; --page: #111315; --card: #191b1e; --line: #363a3f; --harm: #ff9c8f; --calm: #70b8ff; --on-act: #111315; --ring: #70b8ff; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 480px; padding: 32px; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
h1 { margin: 0 0 16px; font-size: 28px; line-height: 1.2; font-weight: 600; text-wrap: balance; }
p { margin: 0 0 16px; }
.job { padding: 8px 16px; background: var(--page); border-radius: 6px; font: 13px/1.6 ui-monospace, monospace; overflow-wrap: anywhere; }
a { color: var(--calm); }
.sign-in { padding-left: 16px; border-left: 3px solid var(--harm); }
.note { color: var(--soft); font-size: 13px; margin: 16px 0 0; }
button { min-height: 40px; padding: 8px 24px; border: 0; border-radius: 6px; background: var(--harm); color: var(--on-act); font: inherit; font-weight: 600; cursor: pointer; }
button.calm { background: var(--calm); }
button:focus-visible { outline: 2px solid var(--ring); outline-offset: 2px; }
`;

const DIRECTIVES = {
  "default-src": ["'none'"],
  "style-src": [`'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`],
  "base-uri": ["'none'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'none'"],
};

/** For a visitor who is not known where callers have to be: the button alone would lead to a refusal. */
const SIGN_IN = `<p class="sign-in"><strong>You are not signed in.</strong> This server asks for a token, and refuses the button without one. To sign in, send your token as <a href="/docs#tag/access/POST/api/v1/session">POST /api/v1/session</a>, which the API's pages can do (Test Request). Then load this page again.</p>
`;

/** A form without an action goes to the address of its page. */
const pageOf = (
  { heading, job, effect, button, harmless = false }: Confirmation,
  signIn: string,
): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(heading)} · Pawl</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(heading)}</h1>
<p class="job"><bdi>${escaped(job)}</bdi></p>
<p>${escaped(effect)}</p>
${signIn}<form method="post"><button type="submit" class="${harmless ? "calm" : "harm"}">${escaped(button)}</button></form>
<p class="note">Nothing has happened yet. To leave it so, close this page.</p>
</main>
</body>
</html>
`;

const SHOWN_MAX = 200;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** As text of the page. Characters that are not seen, or that turn the text around, are shown as such. */
function escaped(text: string): string {
  const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  return shown
    .toWellFormed()
    .replaceAll(/\p{C}/gu, "\ufffd")
    .replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? "");
}
