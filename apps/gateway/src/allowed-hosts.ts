import { isIP } from "node:net";

/** The names this gateway answers to. */
export interface AllowedHosts {
  /** `localAddress` is the one the client connected to. */
  has(host: string, localAddress: string | undefined): boolean;
}

export interface AllowedHostsOptions {
  readonly bind: "loopback" | "lan";
  readonly port: number;
  /** What this machine is called, and its addresses. */
  readonly hostname: string;
  readonly addresses: readonly string[];
  /** `gateway.allowedHosts`. */
  readonly configured: readonly string[];
}

/**
 * Which `Host` a request may name. A web page that has its own name lead to this machine (DNS rebinding) sends that name.
 * What a client of this machine writes is one look into a set; any port is taken behind a name, for tunnels have their own,
 * but for a configured name that has one.
 */
export function createAllowedHosts({ bind, port, hostname, addresses, configured }: AllowedHostsOptions): AllowedHosts {
  const own = hostname.toLowerCase();
  const machine = bind === "lan" ? [own, `${own}.local`, ...addresses.map((address) => literal(address))] : [];
  const names = new Set(["127.0.0.1", "localhost", "[::1]", ...machine, ...configured.filter((host) => portAt(host) < 0)]);
  const exact = new Set([...names, ...[...names].map((name) => `${name}:${port}`), ...configured]);
  return {
    has(host, localAddress) {
      if (exact.has(host)) return true;
      const lower = host.toLowerCase();
      const colon = portAt(lower);
      const name = colon < 0 ? lower : lower.slice(0, colon);
      if (colon >= 0 && !/^\d{1,5}$/u.test(lower.slice(colon + 1))) return false;
      if (names.has(name) || exact.has(lower)) return true;
      // An address that came since the start.
      return bind === "lan" && localAddress !== undefined && name === literal(localAddress);
    },
  };
}

/** As it stands in an address of the web. A link-local one has its interface behind a `%`, which no client sends. */
function literal(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/u, "").replace(/%.*$/u, "");
  return isIP(plain) === 6 ? `[${plain}]` : plain;
}

/** Where the colon before the port is, and -1 where there is none. */
function portAt(host: string): number {
  return host.endsWith("]") ? -1 : host.lastIndexOf(":");
}
