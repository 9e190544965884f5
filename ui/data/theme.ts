// Light or dark: as the system says, until a person chooses.
import { createSharedValue, useSharedValue } from "./shared-value.ts";

export type Theme = "light" | "dark";

const STORED = "pawl-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const present = createSharedValue<Theme>("light");

/** Where the browser refuses to keep anything, until the page is closed. */
let chosen: Theme | null = null;

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(STORED);
    return value === "light" || value === "dark" ? value : chosen;
  } catch {
    return chosen;
  }
}

/** Nobody else asks `matches`: Chromium tells no change to those who have seen it by asking. */
function apply(): void {
  const theme = stored() ?? (system.matches ? "dark" : "light");
  document.documentElement.dataset.theme = theme;
  present.set(theme);
}

/** To be called before anything is drawn. */
export function startTheme(): void {
  apply();
  system.addEventListener("change", apply);
}

export function setTheme(theme: Theme): void {
  chosen = theme;
  try {
    localStorage.setItem(STORED, theme);
  } catch {
    // Then it holds for this page.
  }
  apply();
}

export const useTheme = (): Theme => useSharedValue(present);
