import type { ProbeFetch } from "@openclaw/providers";
import { createUpstreamPools } from "./upstream-pools.ts";

/** Requests to providers over connections like the gateway's own, for who wants to know what a request would come to. */
export interface SingleRequests {
  /**
   * Sends one, follows no redirect, and connects to no address a credential may not be sent to. `isLocal` permits private
   * ones. What it rejects with has a `hint` where the address was refused.
   */
  fetch(isLocal: boolean): ProbeFetch;
  /** Cuts what is under way. */
  close(): Promise<void>;
}

/** Makes connections that live until `close`. */
export function createSingleRequests(): SingleRequests {
  const pools = createUpstreamPools();
  return {
    fetch: (isLocal) => async (url, init) => {
      const { method, headers, body, signal } = init;
      const path = url.pathname + url.search;
      const pool = pools.of(url.origin, isLocal);
      const answer = await pool.request({ path, method, headers, signal, ...(body !== undefined && { body }) });
      return {
        status: answer.statusCode,
        headers: {
          get(name) {
            const value = answer.headers[name.toLowerCase()];
            return (Array.isArray(value) ? value[0] : value) ?? null;
          },
        },
        body: answer.body,
      };
    },
    close: () => pools.close(),
  };
}
