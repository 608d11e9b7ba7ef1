import { Pool } from "undici";

/** Connections to one provider at most. Further requests wait for a free one. */
const CONNECTIONS_PER_ORIGIN = 256;
/** Models may think for minutes before the first byte, and between two. */
const SILENCE_MS = 600_000;

export interface UpstreamPools {
  /** The pool of an origin such as `https://api.openai.com`, made on first use. */
  of(origin: string): Pool;
  close(): Promise<void>;
}

/** One bounded connection pool per provider origin. */
export function createUpstreamPools(): UpstreamPools {
  const pools = new Map<string, Pool>();
  return {
    of(origin) {
      const known = pools.get(origin);
      if (known) return known;
      const pool = new Pool(origin, {
        connections: CONNECTIONS_PER_ORIGIN,
        allowH2: false,
        connectTimeout: 10_000,
        headersTimeout: SILENCE_MS,
        bodyTimeout: SILENCE_MS,
        autoSelectFamily: true,
      });
      pools.set(origin, pool);
      return pool;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}
