import type { ExpiryEvent } from "@openclaw/auth-profiles";
import type { Failure } from "@openclaw/key-rotation";
import type { GatewayEvent } from "./context.ts";

/** How much something matters: from `warn` on, a person has something to do. */
export type EventLevel = "debug" | "info" | "warn" | "error";

/** Refusals that no client can help: something is to be set up or mended here. */
const mended: ReadonlySet<string> = new Set([
  "no_credentials",
  "ref_unresolved",
  "provider_unusable",
  "address_refused",
  "profile_unusable",
  "store_malformed",
  "store_unreadable",
  "store_newer",
]);

/** Ways in which a login cannot be refreshed until somebody logs in again. The others pass. */
const ended: ReadonlySet<string> = new Set(["oauth-refresh-rejected", "oauth-expired", "refresh-indeterminate", "account-mismatch"]);

/** How much an event matters. What rotation takes care of by itself is `info`; each single request is `debug`. */
export function levelOf(event: GatewayEvent): EventLevel {
  switch (event.type) {
    case "request":
      return "debug";
    case "internal":
      return "error";
    case "account-state":
      return levelOfAccount(event.event);
    case "failed":
      return isRefusedCredential(event.failure) ? "warn" : "info";
    case "cooling":
      return event.reason === "rate_limit" ? "info" : "warn";
    case "billing-crossing":
      return event.to === "metered" ? "warn" : "info";
    case "secrets":
      return event.report.failures.length > 0 ? "warn" : "info";
    case "login-failing":
      return ended.has(event.code) ? "warn" : "info";
    case "refused":
      return mended.has(event.code) ? "warn" : "info";
    case "fallback-skipped":
    case "reload-failed":
    case "cooldowns-not-kept":
    case "sessions-not-kept":
    case "wrong-tokens":
    case "overloaded":
      return "warn";
    default:
      return "info";
  }
}

function levelOfAccount({ to }: ExpiryEvent): EventLevel {
  return to === "dead" ? "error" : to === "expiring" ? "warn" : "info";
}

/** Of an unpaid or revoked one the cooldown is told, once and not for each request. */
function isRefusedCredential(failure: Failure): boolean {
  return failure.class === "auth" && failure.window === undefined;
}
