// Light or dark: as the system says, until a person chooses.
import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

const STORED = "pawl-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let present: Theme = "light";

function stored(): Theme | null {
  const value = localStorage.getItem(STORED);
  return value === "light" || value === "dark" ? value : null;
}

/** Nobody else asks `matches`: Chromium tells no change to those who have seen it by asking. */
function apply(): void {
  present = stored() ?? (system.matches ? "dark" : "light");
  document.documentElement.dataset.theme = present;
  for (const listener of listeners) listener();
}

/** To be called before anything is drawn. */
export function startTheme(): void {
  apply();
  system.addEventListener("change", apply);
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(STORED, theme);
  apply();
}

export const useTheme = (): Theme =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => present,
  );
