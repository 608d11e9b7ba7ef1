import type { HomeSnapshot } from "@openclaw/home";

/** How much the gateway takes on at once. */
export interface GatewayLimits {
  /** Connections beyond it are answered 503 and closed. */
  readonly maxConnections: number;
  /** Requests of clients that are being answered, streams included. */
  readonly maxRequests: number;
  /** Of one request. */
  readonly maxBodyBytes: number;
  /** Of all requests whose answer has not begun. */
  readonly maxHeldBodyBytes: number;
  /** What half of the turns of the event loop may be late by. */
  readonly maxEventLoopDelayMs: number;
  /** That one source may send at once. */
  readonly maxWrongTokens: number;
  readonly headersTimeoutMs: number;
  /** For a request to arrive whole. */
  readonly requestTimeoutMs: number;
  /** How long a client may take nothing of what waits for it. */
  readonly writeTimeoutMs: number;
}

const MEBIBYTE = 1024 * 1024;

const defaultLimits: GatewayLimits = {
  maxConnections: 4_000,
  maxRequests: 2_000,
  maxBodyBytes: 32 * MEBIBYTE,
  maxHeldBodyBytes: 256 * MEBIBYTE,
  maxEventLoopDelayMs: 1_000,
  maxWrongTokens: 20,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 120_000,
  writeTimeoutMs: 60_000,
};

/** `gateway.limits`, with what is not set there. */
export function limitsOf({ config }: Pick<HomeSnapshot, "config">): GatewayLimits {
  const set = Object.entries(config.gateway?.limits ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaultLimits, ...Object.fromEntries(set) };
}
