// Sends the request of a form, once: a second click while it is under way does nothing, and a second try of the same request
// is answered with the same job, wherever the answer to the first was lost.
import { useCallback, useRef, useState } from "react";
import type { Job, SubmitRequest } from "../../../src/client/index.ts";
import { server } from "../../data/server.ts";

interface Submitting {
  readonly isSending: boolean;
  /** `null` when one is under way already. */
  send(request: SubmitRequest): Promise<Job | null>;
}

export function useSubmit(): Submitting {
  const [isSending, setSending] = useState(false);
  const isUnderWay = useRef(false);
  const last = useRef({ request: "", idempotencyKey: "" });
  const send = useCallback(async (request: SubmitRequest) => {
    if (isUnderWay.current) return null;
    isUnderWay.current = true;
    setSending(true);
    const text = JSON.stringify(request);
    if (last.current.request !== text) last.current = { request: text, idempotencyKey: newKey() };
    try {
      return await server.submit(request, { idempotencyKey: last.current.idempotencyKey });
    } finally {
      isUnderWay.current = false;
      setSending(false);
    }
  }, []);
  return { isSending, send };
}

/** 128 random bits. `crypto.randomUUID` is missing from pages that came over plain http. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
