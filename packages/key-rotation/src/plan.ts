import type { BillingClass, Candidate } from "@openclaw/secrets";
import type { Strategy } from "./strategy.ts";

/** A credential that was left out of a plan, and why. */
export interface ExcludedCandidate {
  readonly id: string;
  /** A stable reason code, such as `expired` or `missing_credential`. */
  readonly reason: string;
  /** Who would have paid, where that is known. */
  readonly billing?: BillingClass;
}

/**
 * The ordered credentials for one provider and model. Listing them costs nothing: none is resolved yet. Health keeps what
 * it needs for choosing per list of candidates, so the very same credentials should come as the very same list.
 */
export interface Plan {
  readonly provider: string;
  readonly model?: string;
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly ExcludedCandidate[];
  /** `ordered` unless given. It never mixes those who pay: a flat plan is used up before a key that is paid per token. */
  readonly strategy?: Strategy;
  /** With `most-headroom`: the limit that counts, such as `7d`. The scarcest one unless given. */
  readonly headroomWindow?: string;
}
