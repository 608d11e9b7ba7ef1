import type { Candidate } from "@openclaw/secrets";

/** The right to make one attempt. Give it back with `settle` or `release`. */
export interface Ticket {
  readonly candidate: Candidate;
  readonly model: string | undefined;
  /** Order of attempts: an outcome never overwrites that of a later attempt. */
  readonly sequence: number;
  /** No other credential was in the plan: without a provider's hint it is not held back. */
  readonly isAlone: boolean;
}
