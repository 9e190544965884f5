import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { announce } from "../../data/announce.ts";
import { Button } from "../../parts/button.tsx";

const SHOWN_MS = 2_000;

export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), SHOWN_MS);
    } catch {
      // The browser keeps its clipboard to pages that came over TLS, and to whom the person allowed it.
      announce(`The browser does not let this page copy. Select ${what} and copy it.`, "problem");
    }
  };
  return (
    <Button small look="quiet" aria-label={`Copy ${what}`} onClick={() => void copy()}>
      {isCopied ? <Check aria-hidden size={14} /> : <Copy aria-hidden size={14} />}
      {isCopied ? "Copied" : "Copy"}
    </Button>
  );
}
