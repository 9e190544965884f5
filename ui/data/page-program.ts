// The programs of the pages: each is loaded when its page is opened. After an update the server has others, and a browser
// never asks again for one that it could not load: the whole page has to be loaded anew then.

/** The program of a page could not be loaded. */
export class ProgramMissing extends Error {}

const MISSING =
  "Its program could not be loaded: the server was updated since this page was opened, or does not answer.";
const AGAIN_AFTER_MS = 1_000;

/** Loads a program. Rejects with `ProgramMissing`. */
export const programOf =
  <T>(load: () => Promise<T>): (() => Promise<T>) =>
  () =>
    load().catch((cause: unknown) => {
      throw new ProgramMissing(MISSING, { cause });
    });

/** Whether loading anew has been tried: what is missing then as well is not there. */
export const wasLoadedAnew = (): boolean =>
  performance.getEntriesByType("navigation").some((entry) => "type" in entry && entry.type === "reload");

/** Loads the page anew as soon as the server answers: before, the browser would show its own page of errors. */
export async function loadAnew(signal?: AbortSignal): Promise<void> {
  while (!signal?.aborted) {
    const isThere = await fetch(location.href, { method: "HEAD", cache: "no-store", signal: signal ?? null }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere && !signal?.aborted) return location.reload();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}
