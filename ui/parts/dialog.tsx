// A dialog: the browser's own, which traps the focus and closes with Escape. The focus goes to what is asked, and back to
// where it was.
import { X } from "lucide-react";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

const ASKED = "input:not([type=checkbox], [type=radio], :disabled), select:not(:disabled), textarea:not(:disabled)";

/** Open for as long as it is rendered. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    element?.querySelector<HTMLElement>(ASKED)?.focus();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="panel max-h-[calc(100dvh-32px)] w-[min(560px,calc(100vw-32px))] p-0"
    >
      <div className="flex items-center justify-between gap-4 border-line border-b px-4 py-3">
        <h2 id={titleId} className="m-0 min-w-0 break-words font-semibold text-base">
          <bdi>{title}</bdi>
        </h2>
        <button
          type="button"
          aria-label="Close"
          className="-mr-1.5 grid size-8 shrink-0 place-items-center rounded hover:bg-sunken"
          onClick={onClose}
        >
          <X aria-hidden size={18} />
        </button>
      </div>
      <div className="p-4">{children}</div>
    </dialog>
  );
}
