import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { permitsAddress } from "@openclaw/providers";
import { Pool } from "undici";
import { GatewayError } from "./errors.ts";

/** Connections to one provider at most. Further requests wait for a free one. */
const CONNECTIONS_PER_ORIGIN = 256;
/** Models may think for minutes before the first byte, and between two. */
const SILENCE_MS = 600_000;

export interface UpstreamPools {
  /** The pool of an origin such as `https://api.openai.com`, made on first use. `isLocal` permits private addresses. */
  of(origin: string, isLocal: boolean): Pool;
  close(): Promise<void>;
}

/** One bounded connection pool per provider origin. */
export function createUpstreamPools(): UpstreamPools {
  const pools = new Map<string, Pool>();
  return {
    of(origin, isLocal) {
      const name = `${origin} ${isLocal}`;
      const known = pools.get(name);
      if (known) return known;
      const pool = new Pool(origin, {
        connections: CONNECTIONS_PER_ORIGIN,
        allowH2: false,
        connectTimeout: 10_000,
        headersTimeout: SILENCE_MS,
        bodyTimeout: SILENCE_MS,
        autoSelectFamily: true,
        connect: { lookup: guardedLookup(isLocal) },
      });
      pools.set(name, pool);
      return pool;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

/**
 * Resolves a name and refuses addresses no credential may go to. The connection is made to the very
 * addresses that were judged, so that a name cannot change in between.
 */
function guardedLookup(isLocal: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "");
      const permitted = addresses.filter(({ address }) => permitsAddress(hostname, address, { isLocal }));
      const [first] = permitted;
      if (!first) {
        const refused = new GatewayError("address-refused", `${hostname} has no address a credential may be sent to`, {
          hint: "a provider in your own network needs models.providers.<id>.local: true",
        });
        return callback(refused, "");
      }
      return options.all ? callback(null, permitted) : callback(null, first.address, first.family);
    });
  };
}
