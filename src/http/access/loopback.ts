// Which addresses are this machine's own. Whatever is not certainly one of them counts as reachable from elsewhere.
import { BlockList, isIP } from "node:net";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether `list` has `address`. An IPv4 address counts in its IPv6 form too; what is no address is in no list. */
export function hasAddress(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 4 ? "ipv4" : "ipv6");
}

/** Whether only programs of this machine reach what listens on `host`, or call from it. */
export const isLoopback = (host: string): boolean => host === "localhost" || hasAddress(LOOPBACK, host);
