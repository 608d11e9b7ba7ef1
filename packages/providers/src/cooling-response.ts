import type { Plan, RotationError } from "@openclaw/key-rotation";
import { recoveryHeaders, secondsUntil } from "./recovery-headers.ts";
import type { ErrorDialect } from "./request-endpoint.ts";

/** What {@link coolingResponse} takes. */
export interface CoolingResponseOptions {
  readonly plan: Plan;
  readonly dialect: ErrorDialect;
  readonly now: number;
}

/**
 * Our own 429 for when every credential is cooling down, in the shape that the provider's SDK makes its rate-limit error of.
 * A key without a name is named by its fingerprint, every other credential by its place: names are often e-mail addresses.
 */
export function coolingResponse(error: RotationError, { plan, dialect, now }: CoolingResponseOptions): Response {
  const recoversAt = error.cooling[0]?.until ?? now;
  const each = error.cooling.map(({ id, until, reason }) => {
    return `${publicName(id, plan)} for ${secondsUntil(until, now)} s (until ${new Date(until).toISOString()}, ${reason})`;
  });
  const message = `${error.message}${each.length > 0 ? ": " : ""}${each.join("; ")}`;
  return Response.json(errorOf(dialect, message, secondsUntil(recoversAt, now)), {
    status: 429,
    headers: recoveryHeaders(recoversAt, now),
  });
}

function publicName(id: string, { candidates }: Plan): string {
  return /^#[0-9a-f]{8}$/.test(id) ? id : `credential ${candidates.findIndex((candidate) => candidate.id === id) + 1}`;
}

function errorOf(dialect: ErrorDialect, message: string, seconds: number): object {
  if (dialect === "anthropic") return { type: "error", error: { type: "rate_limit_error", message } };
  if (dialect === "openai") return { error: { message, type: "rate_limit_error", param: null, code: "all_cooling" } };
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${seconds}s` }];
  return { error: { code: 429, message, status: "RESOURCE_EXHAUSTED", details } };
}
