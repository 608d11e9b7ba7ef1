import type { ProbeResult } from "@openclaw/providers";
import type { ProbeChoice } from "./probe-flags.ts";

/** What is tried out: one account or key of one provider. */
export interface ProbedAccount {
  /** As `models status` lists it. */
  readonly provider: string;
  /** `provider/model`, where a model was asked. */
  readonly model?: string;
  readonly profileId?: string;
  /** The profile's id, or where a key is from, with its fingerprint. */
  readonly label: string;
  readonly source: "profile" | "env" | "models.json";
  readonly mode?: "api_key" | "token" | "oauth";
}

/** How one account fared. */
export interface ProbedResult
  extends ProbedAccount, Pick<ProbeResult, "status" | "reasonCode" | "error" | "hint" | "latencyMs" | "httpStatus"> {
  /** Why requests pass a profile over, where `reasonCode` does not say it. */
  readonly eligibility?: string;
  /** The rule that judged the answer. */
  readonly rule?: string;
  /** When the provider says to come back, epoch milliseconds. */
  readonly retryAt?: number;
}

/** `auth.probes` of the JSON of `models status --probe`. Fields are never removed; new ones may come. */
export interface ProbeReport {
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly durationMs: number;
  /** How many were asked. `results` also has those of which it was clear without. */
  readonly totalTargets: number;
  readonly options: ProbeChoice;
  readonly results: readonly ProbedResult[];
}
