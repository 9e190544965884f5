// Runs in every page of these tests before anything of the page does: it tells what the content security policy refused and
// what a hostile text managed to run, and notes how long the page was deaf.
globalThis.pawlTest = {
  /** The lengths, in ms, of the tasks over 50 ms that began from now on within so many ms. */
  tasksWithin(ms) {
    const tasks = [];
    const observer = new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    );
    observer.observe({ type: "longtask" });
    return new Promise((resolve) => {
      setTimeout(() => {
        observer.disconnect();
        resolve(tasks);
      }, ms);
    });
  },
  /** Keeps the page from everything else for so many ms, in a task of its own. */
  block(ms) {
    setTimeout(() => {
      const end = performance.now() + ms;
      while (performance.now() < end);
    });
  },
  /** Resolves when what was changed is drawn. */
  nextFrame: () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  /** How many rows there is room for in the list. */
  rowsLoaded() {
    const row = document.querySelector("table[aria-label=Jobs] tbody tr").getBoundingClientRect();
    return Math.round(
      document.querySelector("table[aria-label=Jobs] tbody").getBoundingClientRect().height / row.height,
    );
  },
  /** What hostile texts call. */
  executed: (name) => console.error(`executed: ${name}`),
  /** What makes the page wider than its window: nothing, or a few elements of those that stick out, the innermost first. */
  overhang() {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const out = [...document.querySelectorAll("body *")].filter(
      (one) => one.getBoundingClientRect().right > clientWidth + 1,
    );
    const told = out.slice(-3).map((one) => `${one.tagName} ${one.className} ${one.textContent.slice(0, 40)}`);
    return [`${scrollWidth - clientWidth} px`, ...told];
  },
  /** Links that lead to anything but an address. */
  scriptLinks: () =>
    [...document.querySelectorAll("a[href], area[href], form[action], iframe[src], object[data], embed[src]")]
      .map((one) => one.href ?? one.action ?? one.src ?? one.data)
      .filter((place) => !/^https?:/.test(place)),
  /** The heights, in px, of what no row covers between the head of the table and the end of the window or of the table. */
  blanks() {
    const table = document.querySelector("table[aria-label=Jobs]").getBoundingClientRect();
    const edges = [...document.querySelectorAll("table[aria-label=Jobs] tbody tr")]
      .filter((row) => row.textContent !== "")
      .map((row) => row.getBoundingClientRect())
      .sort((one, other) => one.top - other.top);
    const blanks = [];
    let covered = Math.max(0, table.top + 40);
    for (const { top, bottom } of edges) {
      if (bottom <= covered) continue;
      if (top > covered + 1) blanks.push(Math.min(top, innerHeight) - covered);
      covered = bottom;
      if (covered >= innerHeight) break;
    }
    const end = Math.min(innerHeight, table.bottom);
    if (covered < end - 1) blanks.push(end - covered);
    return blanks.filter((px) => px > 1);
  },
};

document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
  console.error(`refused by the policy: ${violatedDirective}: ${blockedURI} (${sourceFile}:${lineNumber})`);
});
