import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Finds where a request came from, as far as that can be known. */
export type SourceOf = (request: Pick<IncomingMessage, "headers" | "socket">) => string;

/**
 * The address behind a request, for a limit per source: the peer's, and behind a trusted proxy the last one it did not trust
 * itself. Of an IPv6 address the network, for whoever has one address there has all of them. What a peer that is not trusted
 * says in `X-Forwarded-For` is its own invention.
 */
export function createSourceOf(trustedProxies: readonly string[]): SourceOf {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string) => isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return ({ headers, socket }) => {
    const peer = plain(socket.remoteAddress ?? "unknown");
    if (trustedProxies.length === 0 || !isTrusted(peer)) return network(peer);
    const forwarded = String(headers["x-forwarded-for"] ?? "")
      .split(",")
      .map((address) => plain(address.trim()));
    const client = forwarded.findLast((address) => !isTrusted(address));
    return client !== undefined && isIP(client) !== 0 ? network(client) : network(peer);
  };
}

/** IPv4 as IPv4, whichever kind of socket it came by. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/iu, "").replace(/%.*$/u, "");
}

/** The first 64 bits of an IPv6 address, written out. */
function network(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: zeros }, () => "0"), ...last];
  const written = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${written.join(":")}::/64`;
}
