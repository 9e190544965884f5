// Buttons: one that is meant, one of several, one that does harm. All are high enough for a finger.
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { classes } from "./class-names.ts";

type Look = "plain" | "primary" | "danger" | "quiet";

const LOOKS: Readonly<Record<Look, string>> = {
  plain: "border-line-strong bg-surface text-ink hover:bg-sunken",
  primary: "border-accent bg-accent text-on-accent hover:opacity-90",
  danger: "border-danger bg-danger text-on-danger hover:opacity-90",
  quiet: "border-transparent text-ink hover:bg-sunken",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly ref?: Ref<HTMLButtonElement>;
  readonly look?: Look;
  readonly small?: boolean;
  /** The key that does the same. */
  readonly shortcut?: string;
  readonly children?: ReactNode;
}

/** The classes alone, for links that look like buttons. */
export const buttonClasses = (look: Look = "plain", small = false): string =>
  classes(
    "inline-flex items-center justify-center gap-1.5 whitespace-nowrap rounded border font-medium disabled:cursor-not-allowed disabled:opacity-50",
    small ? "h-7 px-2.5 text-xs" : "h-9 px-3.5 text-sm",
    LOOKS[look],
  );

export function Button({ look = "plain", small = false, shortcut, children, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      {...(shortcut === undefined ? {} : { "aria-keyshortcuts": shortcut })}
      className={classes(buttonClasses(look, small), className)}
    >
      {children}
      {shortcut !== undefined && (
        <kbd
          aria-hidden
          data-key={shortcut}
          className="rounded border border-current px-1 font-mono text-[10px] leading-[14px] opacity-60 before:content-[attr(data-key)] max-sm:hidden"
        />
      )}
    </button>
  );
}
