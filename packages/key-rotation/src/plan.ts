import type { Candidate } from "@openclaw/secrets";

/** A credential that was left out of a plan, and why. */
export interface ExcludedCandidate {
  readonly id: string;
  /** A stable reason code, such as `expired` or `missing_credential`. */
  readonly reason: string;
}

/** The ordered credentials for one provider and model. Listing them costs nothing: none is resolved yet. */
export interface Plan {
  readonly provider: string;
  readonly model?: string;
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly ExcludedCandidate[];
}
