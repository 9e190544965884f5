// Proxies whose word is taken for where a request came from. Nobody else's X-Forwarded headers are ever believed.
import { BlockList, isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { invalidRequest, PawlError } from "../../domain/errors.ts";
import { hasAddress } from "./loopback.ts";

export interface TrustedProxies {
  /** Whether there are any. */
  readonly configured: boolean;
  trusts(address: string | undefined): boolean;
}

/** Reads addresses and networks in CIDR form. Throws `invalid_config` with the one that is neither. */
export function createTrustedProxies(list: readonly string[]): TrustedProxies {
  const trusted = new BlockList();
  for (const entry of list) add(trusted, entry);
  return {
    configured: list.length > 0,
    trusts: (address) => address !== undefined && hasAddress(trusted, address),
  };
}

function add(trusted: BlockList, entry: string): void {
  const [, address = "", prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  if (version === 0 || Number(prefix ?? bits) > bits) {
    throw new PawlError(
      "invalid_config",
      `"${entry}" is no address of a trusted proxy. Give an IP address, or a network such as 10.0.0.0/8.`,
    );
  }
  trusted.addSubnet(address, Number(prefix ?? bits), version === 4 ? "ipv4" : "ipv6");
}

/** Refuses headers that say where a request came from. For requests of those who are not trusted to say so. */
export function refuseProxyHeaders(headers: FastifyRequest["headers"]): void {
  for (const name in headers) {
    if (isProxyHeader(name)) {
      throw invalidRequest(
        `The header ${name} comes from a proxy, and this request from none that is trusted here. If there is a proxy, name its address in PAWL_TRUSTED_PROXIES; if not, leave the header out.`,
      );
    }
  }
}

const isProxyHeader = (name: string) => name.startsWith("x-forwarded-") || name === "forwarded";

export function hasProxyHeaders(headers: FastifyRequest["headers"]): boolean {
  for (const name in headers) if (isProxyHeader(name)) return true;
  return false;
}

/** The caller's address, by a trusted proxy's word where there is one; `null` when the connection is gone. */
export function addressOf(request: FastifyRequest): string | null {
  const said = request.ip;
  const address = isIP(said) === 0 ? request.raw.socket.remoteAddress : said;
  return address?.replace(/^::ffff:(?=\d+\.)/i, "") ?? null;
}
