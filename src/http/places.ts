// How many of something that lasts, such as live streams, may be open: in all, and for one peer, so that nobody takes the
// places of the others. A peer is a token, or an address where callers show none.
import type { FastifyRequest } from "fastify";
import { PawlError } from "../domain/errors.ts";
import { addressOf } from "./access/trusted-proxies.ts";

export interface Places {
  /** Takes a place. Throws `too_many_streams`. Returns how to leave it, once. */
  take(request: FastifyRequest): () => void;
}

export interface PlacesOptions {
  /** For the message: "live streams". */
  readonly what: string;
  readonly max: number;
  readonly maxPerPeer: number;
}

export function createPlaces({ what, max, maxPerPeer }: PlacesOptions): Places {
  const taken = new Map<string, number>();
  let all = 0;

  function leave(peer: string): void {
    all -= 1;
    const left = (taken.get(peer) ?? 0) - 1;
    if (left > 0) taken.set(peer, left);
    else taken.delete(peer);
  }

  return {
    take(request) {
      const peer = request.caller.tokenId ?? addressOf(request) ?? "";
      const own = taken.get(peer) ?? 0;
      if (all >= max) throw tooMany(`${max} ${what} are open, the limit.`);
      if (own >= maxPerPeer) throw tooMany(`You have ${own} ${what} open, the limit of one caller.`);
      all += 1;
      taken.set(peer, own + 1);
      return () => leave(peer);
    },
  };
}

const tooMany = (what: string) => new PawlError("too_many_streams", `${what} Close one, or poll.`);
