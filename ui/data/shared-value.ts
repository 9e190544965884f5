// A value that components share, wherever they stand: all that use it are drawn again when another is set.
import { useSyncExternalStore } from "react";

export interface SharedValue<T> {
  get(): T;
  set(value: T): void;
  /** Calls `listener` whenever another value is set, until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

export function createSharedValue<T>(first: T): SharedValue<T> {
  const listeners = new Set<() => void>();
  let present = first;
  return {
    get: () => present,
    set(value) {
      present = value;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const useSharedValue = <T>({ subscribe, get }: SharedValue<T>): T => useSyncExternalStore(subscribe, get);
