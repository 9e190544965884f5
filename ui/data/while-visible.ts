// Work that a page does for those who see it, such as to follow a stream: a page that nobody sees lets go of it after a while.

const REST_AFTER_MS = 5_000;

interface Visibly {
  /** Runs when the page is seen, now or after a rest. Its signal aborts when it has to end. */
  readonly work: (signal: AbortSignal) => void;
  /** Hears that the page rests from now on. */
  readonly onRest?: () => void;
}

/** Goes on until the returned function is called. */
export function whileVisible({ work, onRest }: Visibly): () => void {
  let own = new AbortController();
  let resting: ReturnType<typeof setTimeout> | undefined;
  const rest = () => {
    own.abort();
    onRest?.();
  };
  const onVisibility = () => {
    clearTimeout(resting);
    if (document.hidden) {
      resting = setTimeout(rest, REST_AFTER_MS);
    } else if (own.signal.aborted) {
      own = new AbortController();
      work(own.signal);
    }
  };
  // A page that was opened behind another one may not be seen for a long time.
  if (document.hidden) rest();
  else work(own.signal);
  document.addEventListener("visibilitychange", onVisibility);
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    clearTimeout(resting);
    own.abort();
  };
}
