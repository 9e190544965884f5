// Whether callers need a credential. Once they do it stays so: revoking the last token never opens the server again.
import type { Access } from "../../engine/manager.ts";
import type { Clock } from "../../ports/clock.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

/** `auto`: where others than programs of this machine can call, and wherever a token was ever made. */
export type Auth = "auto" | "on" | "off";

export interface Requirement {
  /** Whether callers need a credential now. Rejects when that cannot be known. */
  needed(): boolean | Promise<boolean>;
  /** Calls `onNeeded` once, within two seconds after a first token was made. Returns how to stop that. */
  watch(onNeeded: () => void): () => void;
}

export interface RequirementOptions {
  readonly auth: Auth;
  /** Whether only programs of this machine reach the listener. */
  readonly loopback: boolean;
  readonly access: Pick<Access, "hasTokens">;
  readonly proxies: TrustedProxies;
  readonly clock: Clock;
}

const WATCH_EVERY_MS = 1_000;

export function createRequirement({ auth, loopback, access, proxies, clock }: RequirementOptions): Requirement {
  const watchers = new Set<() => void>();
  // Whom a proxy speaks for cannot always be read, and then its own address, which may be this machine's, tells nothing.
  let always = auth === "on" || (auth === "auto" && (!loopback || proxies.configured));
  let watching = false;

  async function ask(): Promise<boolean> {
    if (await access.hasTokens()) always = true;
    return always;
  }

  function keepWatching(): void {
    if (watching || watchers.size === 0) return;
    watching = true;
    clock.after(WATCH_EVERY_MS, () => void look());
  }

  async function look(): Promise<void> {
    // A store that does not answer now is asked again.
    const needed = await ask().catch(() => false);
    watching = false;
    const told = needed ? [...watchers] : [];
    for (const onNeeded of told) {
      watchers.delete(onNeeded);
      onNeeded();
    }
    keepWatching();
  }

  return {
    needed: () => (always || auth === "off" ? always : ask()),
    watch(onNeeded) {
      if (auth !== "auto") return () => {};
      const watcher = () => onNeeded();
      watchers.add(watcher);
      keepWatching();
      return () => watchers.delete(watcher);
    },
  };
}
