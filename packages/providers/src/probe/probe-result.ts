import type { Failure, FailureClass } from "@openclaw/key-rotation";

/** How a credential fared: it works, or what kept it from working. */
export type ProbeStatus = "ok" | "auth" | "rate_limit" | "billing" | "timeout" | "format" | "unknown" | "no_model";

/** Why nothing was asked. Stable: scripts read these. */
export type ProbeReason =
  | "missing_credential"
  | "invalid_expires"
  | "expired"
  | "unresolved_ref"
  | "ineligible_profile"
  | "excluded_by_auth_order"
  | "no_model";

/** What a probe found out. Holds no character of a key. */
export interface ProbeResult {
  readonly status: ProbeStatus;
  readonly reasonCode?: ProbeReason;
  /** What went wrong, in one line that is fit to print. */
  readonly error?: string;
  /** What to type or change. */
  readonly hint?: string;
  /** From sending the request to the end of its answer. */
  readonly latencyMs?: number;
  readonly httpStatus?: number;
  /** How a failure was judged: by the rules that requests are judged by. */
  readonly failure?: Failure;
}

/** Fewer words than there are classes: what a person does about a server that is broken or slow is the same. */
export const statusOf: Readonly<Record<FailureClass, ProbeStatus>> = {
  auth: "auth",
  auth_permanent: "auth",
  session_expired: "auth",
  rate_limit: "rate_limit",
  overloaded: "rate_limit",
  billing: "billing",
  timeout: "timeout",
  server: "timeout",
  format: "format",
  model_not_found: "format",
  context_overflow: "format",
  unknown: "unknown",
};
