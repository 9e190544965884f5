// The time by the server's clock. All moments that a page shows come from there, and the clock of the computer in front of
// it may be hours wrong: ages and what is left would be, too.

/** Smaller differences are of no use to anybody, and within what the network does. */
const NOTICED_MS = 5_000;
/** The header of a reply knows whole seconds. */
const SECOND_MS = 1_000;

let aheadMs = 0;

/** Epoch ms. */
export const serverNow = (): number => Date.now() + aheadMs;

/** Fetches, and sets the clock by the reply. */
export async function timedFetch(...request: Parameters<typeof fetch>): Promise<Response> {
  const sentAt = Date.now();
  const response = await fetch(...request);
  const at = Date.parse(response.headers.get("date") ?? "");
  if (!Number.isNaN(at)) aheadMs = differenceOf({ at, sentAt, receivedAt: Date.now() });
  return response;
}

interface Told {
  readonly at: number;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** How far the server is ahead, in ms: it wrote the reply somewhen between the two. */
export function differenceOf({ at, sentAt, receivedAt }: Told): number {
  const least = at - receivedAt;
  const most = at + SECOND_MS - sentAt;
  return least <= NOTICED_MS && most >= -NOTICED_MS ? 0 : (least + most) / 2;
}
