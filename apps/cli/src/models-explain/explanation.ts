import type { Cooldown } from "@openclaw/home";
import type { FailureClass, Strategy } from "@openclaw/key-rotation";
import type { BillingClass } from "@openclaw/secrets";

/** Which rule put a credential where it stands. */
export type PlaceRule =
  | "pin"
  | "order_store"
  | "order_config"
  | "profiles_config"
  | "type_order"
  | "live_key"
  | "env_order"
  | "config_key"
  | "no_key";

/** Where a credential is kept. */
export type CredentialSource =
  | { readonly kind: "store"; readonly path: string; readonly reference?: string }
  | { readonly kind: "env"; readonly variable: string; readonly layer: string }
  | { readonly kind: "config"; readonly path: string; readonly reference?: string }
  | { readonly kind: "none" };

/** How a credential stands now. All but the last four can be tried now. */
export type CredentialStateCode =
  | "usable"
  | "half_open"
  | "expiring"
  | "refreshable"
  | "not_run"
  /** In a window, or another request probes it. */
  | "cooling"
  /** A request comes to it and passes it by: it cannot be had. */
  | "unusable"
  /** What stands before it cannot be had, and no key takes its place. */
  | "unreachable"
  /** The same secret stands before it under another name, and is sent once. */
  | "same_key";

/** A credential that a request may try. */
export interface ExplainedCandidate {
  /** From 1, in the order one request would try them now; those that cannot be tried now come after. */
  readonly position: number;
  readonly id: string;
  readonly provider: string;
  readonly profileId?: string;
  /** `profile anthropic:work`, `ANTHROPIC_API_KEYS[1]`. */
  readonly origin: string;
  readonly via: "profile" | "env" | "config" | "none";
  /** Public prefix and fingerprint; `null` for a login, a command that was not run, and where no key is needed. */
  readonly value: string | null;
  readonly billing: BillingClass;
  readonly source: CredentialSource;
  readonly rule: PlaceRule;
  readonly state: CredentialStateCode;
  readonly isUsableNow: boolean;
  readonly reasonCode?: string;
  readonly hint?: string;
  /** Epoch milliseconds, as all times. */
  readonly expiresAt?: number;
  /** Windows that concern this model, of the credential and of its bucket, the latest end first. */
  readonly windows: readonly Cooldown[];
  /** When it can be tried again, where it cannot now. */
  readonly nextRetryAt?: number;
  readonly bucket?: string;
  readonly maxConcurrent?: number;
  /** Failures after which the next one is tried. */
  readonly movesOn: readonly FailureClass[];
  /** Failures after which its secret is renewed first. */
  readonly renews: readonly FailureClass[];
  /** It would be paid per token although a flat plan stands before it: that is announced. */
  readonly isCrossing: boolean;
}

/** A credential that no request for this model tries. */
export interface LeftOutCredential {
  readonly id: string;
  readonly origin: string;
  readonly reasonCode: string;
  readonly because: string;
  readonly value?: string;
  readonly billing?: BillingClass;
  readonly hint?: string;
}

/** What ends a stream of credentials. */
export interface StreamEnd {
  readonly code: "pin" | "order_store" | "order_config" | "live_key" | "spent";
  readonly because: string;
}

/** Whether a stream goes from a flat plan to what is paid per token. */
export interface BillingView {
  /** `none`: there is nothing of the kind. `refused`: what is paid per token was left out. */
  readonly crossing: "none" | "announced" | "refused";
  /** `auth.billingCrossing`, or its default. */
  readonly setting: "allow" | "refuse";
  readonly because: string;
}

/** One model a request may be answered by. */
export interface ExplainedModel {
  readonly provider: string;
  readonly model: string;
  readonly role: "requested" | "fallback";
  readonly strategy: Strategy;
  readonly headroomWindow?: string;
  /** Id of the credential that would be asked first now; `null` where none can be. */
  readonly first: string | null;
  /** Soonest time at which one can be tried, where none can now. */
  readonly nextRetryAt?: number;
  readonly candidates: readonly ExplainedCandidate[];
  readonly leftOut: readonly LeftOutCredential[];
  readonly end: StreamEnd;
  readonly billing: BillingView;
  /** Why no request gets as far as a credential, such as a pin that has gone or an address that is refused. */
  readonly problem?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** What `models auth explain` prints as JSON. Fields are never removed; new ones may come. */
export interface ModelExplanation {
  readonly version: 1;
  /** As it was asked for. */
  readonly asked: string;
  readonly agentId: string;
  readonly at: number;
  readonly session: string | null;
  readonly pin: { readonly profileId: string; readonly mode: "strict" | "prefer" } | null;
  /** Whether some credential could be asked now. */
  readonly isUsableNow: boolean;
  /** The model that was asked for, then its fallbacks. */
  readonly models: readonly ExplainedModel[];
  /** Fallbacks that name nothing, and are passed over. */
  readonly skippedFallbacks: readonly { readonly name: string; readonly reason: string }[];
  /** Failures after which the next model is asked, once the credentials of one are spent. */
  readonly fallbackOn: readonly FailureClass[];
  /** What a person should know of how this was found, such as a state file that cannot be read. */
  readonly notes: readonly string[];
}
