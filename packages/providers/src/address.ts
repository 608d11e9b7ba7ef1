import { BlockList, isIP } from "node:net";

/** What can be said of a host before it is looked up. Of a `name` nothing: only its addresses tell. */
export type HostKind = "loopback" | "private" | "forbidden" | "public" | "name";

const loopback = ranges(["127.0.0.0/8", "::1/128"]);

/** Where no provider is ever found: metadata services, link-local, unspecified, multicast, reserved. */
const forbidden = ranges([
  "0.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
  // Metadata services outside the link-local range: Alibaba, Azure, Oracle, AWS.
  "100.100.100.200/32",
  "168.63.129.16/32",
  "192.0.0.192/32",
  "fd00:ec2::/32",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
  // IPv6 spellings of IPv4 addresses: compatible, NAT64, Teredo, 6to4. Mapped ones are judged as IPv4.
  "::/96",
  "64:ff9b::/32",
  "2001::/32",
  "2002::/16",
]);

const privateRanges = ranges(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]);

const metadataNames: ReadonlySet<string> = new Set([
  "metadata",
  "metadata.goog",
  "metadata.google.internal",
  "instance-data",
  "instance-data.ec2.internal",
]);

/** Judges the `hostname` of a URL, which has already turned decimal, octal and hexadecimal forms into plain addresses. */
export function hostKind(hostname: string): HostKind {
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  const version = isIP(address);
  if (version === 0) {
    if (metadataNames.has(hostname)) return "forbidden";
    return hostname === "localhost" || hostname.endsWith(".localhost") ? "loopback" : "name";
  }
  const family = version === 4 ? "ipv4" : "ipv6";
  if (loopback.check(address, family)) return "loopback";
  if (forbidden.check(address, family)) return "forbidden";
  return privateRanges.check(address, family) ? "private" : "public";
}

/**
 * Judges an address a name was resolved to. On a network without IPv4 every host has a NAT64 address
 * (RFC 6052), which is as good or bad as the IPv4 address in its last 32 bits.
 */
export function addressKind(address: string): HostKind {
  const embedded = /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (!embedded) return hostKind(address);
  const bits = embedded.slice(1).map((group) => Number.parseInt(group, 16));
  return hostKind(bits.flatMap((group) => [group >> 8, group & 0xff]).join("."));
}

function ranges(list: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const range of list) {
    const [address = "", bits = ""] = range.split("/");
    blocks.addSubnet(address, Number(bits), isIP(address) === 4 ? "ipv4" : "ipv6");
  }
  return blocks;
}
