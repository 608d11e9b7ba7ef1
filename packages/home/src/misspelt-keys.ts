import type { Config } from "./config.ts";
import { gatewayKeys } from "./gateway-config.ts";
import { nearest } from "./nearest.ts";

/** What other parts of OpenClaw keep under `gateway`, as far as it looks like ours. */
const others: ReadonlySet<string> = new Set(["nodes", "tools", "http", "reload", "remote", "controlUi", "tailscale", "tls", "push"]);

/**
 * A warning for each key of `gateway` that is nearly one of ours. Refused it cannot be, for it may be somebody else's;
 * without a word, what it was meant to set would silently be as if it were not set.
 */
export function misspeltKeys({ gateway }: Config): readonly string[] {
  return Object.keys(gateway ?? {}).flatMap((key) => {
    const [meant] = gatewayKeys.includes(key) || others.has(key) ? [] : nearest(key, gatewayKeys);
    return meant === undefined ? [] : [`gateway.${key} is not read: if gateway.${meant} is meant, correct it in openclaw.json`];
  });
}
