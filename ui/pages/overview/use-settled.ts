// A short list that is read again and again, of which no row moves while a person looks: what is over makes room for what is
// new, in place. While a pointer or the focus is in it, nothing is exchanged at all.
import { useEffect, useRef, useState } from "react";
import { settled } from "./settled.ts";

interface Settled {
  readonly ids: readonly string[];
  /** For the element around the rows. */
  readonly holds: {
    readonly onPointerEnter: () => void;
    readonly onPointerLeave: () => void;
    readonly onFocus: () => void;
    readonly onBlur: () => void;
  };
}

export function useSettled(present: readonly string[] | undefined, most: number): Settled {
  const [ids, setIds] = useState<readonly string[]>([]);
  const [isHeld, setHeld] = useState(false);
  const latest = useRef(present);
  latest.current = present;
  const key = present?.join() ?? "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the ids.
  useEffect(() => {
    if (!isHeld && latest.current) setIds((before) => settled(before, latest.current ?? [], most));
  }, [key, isHeld, most]);
  const hold = () => setHeld(true);
  const release = () => setHeld(false);
  return { ids, holds: { onPointerEnter: hold, onPointerLeave: release, onFocus: hold, onBlur: release } };
}
