// How many live streams may be open: in all, and for one peer, so that nobody takes the places of the others. A peer is a
// token, or an address where callers show none.
import type { FastifyRequest } from "fastify";
import { PawlError } from "../domain/errors.ts";
import { addressOf } from "./access/trusted-proxies.ts";

export interface StreamPlaces {
  /** Takes a place. Throws `too_many_streams`. Returns how to leave it, once. */
  take(request: FastifyRequest): () => void;
}

export interface StreamPlacesOptions {
  readonly maxStreams: number;
  readonly maxStreamsPerPeer: number;
}

export function createStreamPlaces({ maxStreams, maxStreamsPerPeer }: StreamPlacesOptions): StreamPlaces {
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
      if (all >= maxStreams) throw tooMany(`${maxStreams} live streams are open, the limit.`);
      if (own >= maxStreamsPerPeer) throw tooMany(`You have ${own} live streams open, the limit of one caller.`);
      all += 1;
      taken.set(peer, own + 1);
      return () => leave(peer);
    },
  };
}

const tooMany = (what: string) => new PawlError("too_many_streams", `${what} Close one, or poll.`);
