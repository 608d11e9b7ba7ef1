import type { EnvLayer } from "@openclaw/home";

/**
 * What `secrets explain` says, in the shape its JSON prints. Fields are never removed; new ones may come. It
 * holds no value: credentials are their public prefix and a fingerprint.
 */
export interface SecretsExplanation {
  readonly version: 1;
  readonly kind: ExplainedKind;
  /** The path, profile, provider or variable, in its known spelling; empty where everything is shown. */
  readonly name: string;
  readonly agentId: string;
  /** The places this is about, or that belong to it. */
  readonly surfaces: readonly SurfaceView[];
  /** Which credentials requests use, in order, for each provider this is about. */
  readonly streams: readonly StreamView[];
  /** Variables this is about; where everything is shown, those that layers define differently. */
  readonly variables: readonly VariableView[];
  readonly gateway: GatewayView;
  /** What a person should know and repair, wherever it is. */
  readonly warnings: readonly string[];
}

export type ExplainedKind = "surface" | "profile" | "provider" | "variable" | "all";

/**
 * `live`: there is a value. `cold`: there is none, `code` and `hint` say why. `skipped`: a command would say,
 * and was not run. `inactive`: nothing in use needs it. `absent`: nothing is written there.
 */
type SurfaceStatus = "live" | "cold" | "skipped" | "inactive" | "absent";

/** A place that may hold a secret. */
export interface SurfaceView {
  readonly path: string;
  readonly holds: "reference" | "variable-name" | "value" | "login" | "marker" | "nothing";
  readonly state: SurfaceStatus;
  /** `source:provider:id` */
  readonly ref?: string;
  /** Where the value comes from. */
  readonly source: SourceView;
  /** Public prefix and fingerprint. */
  readonly value?: string;
  /** Why it is inactive. */
  readonly reason?: string;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
  /** What is written there and not used. */
  readonly shadowed?: string;
  readonly resolvedAt?: number;
  /** How long asking its source took just now; all references of one source are asked together. `null`: it was not asked. */
  readonly durationMs?: number | null;
  readonly expiresAt?: number;
  /** How the same reference stands in the running gateway. */
  readonly gateway?: GatewaySurfaceView;
}

/** Where a value comes from. */
export type SourceView =
  | { readonly source: "stored"; readonly file: string }
  | { readonly source: "env"; readonly provider: string; readonly variable: string; readonly layer?: EnvLayer }
  | { readonly source: "file"; readonly provider: string; readonly file: string; readonly pointer?: string }
  | { readonly source: "exec"; readonly provider: string; readonly command: string; readonly id: string }
  /** The entry of `secrets.providers` a reference names is not there, or of another kind. */
  | { readonly source: "unknown"; readonly provider: string };

/** `running`: it answered. `not-running`: nobody listens. `unknown`: it could not be asked, or not understood. */
export interface GatewayView {
  readonly status: "running" | "not-running" | "unknown";
  readonly url?: string;
  /** Why there is no view of it. */
  readonly reason?: string;
  readonly generation?: number;
}

/** A reference in the running gateway. */
export interface GatewaySurfaceView {
  /** The gateway's word, such as `live`, `stale` or `cold`; `unknown` where it does not know the place. */
  readonly status: string;
  readonly resolvedAt?: number;
  /** Since `resolvedAt`. */
  readonly ageMs?: number;
  readonly expiresAt?: number;
  readonly code?: string;
  readonly message?: string;
  /** How that differs from here, and what to do. */
  readonly note?: string;
}

/** The credentials of a provider, in the order requests try them. */
export interface StreamView {
  readonly provider: string;
  /** What decides the order. */
  readonly rule: "live-key" | "explicit-order" | "default";
  readonly because: string;
  /** Why no request can reach the provider, whatever the credentials. */
  readonly problem?: string;
  /** Origin of the credential a request uses first; `null` where there is none, or only a command could say. */
  readonly winner: string | null;
  readonly entries: readonly StreamEntry[];
}

/**
 * `wins`: used first. `next`: tried after those before it. `unknown`: a command would say. `unusable`: passed
 * over. `shadowed`: never looked at.
 */
export interface StreamEntry {
  /** `profile openai:work`, `OPENAI_API_KEYS[1]`, `models.providers.openai.apiKey` */
  readonly origin: string;
  readonly via: "profile" | "env" | "config" | "none";
  readonly outcome: "wins" | "next" | "unknown" | "unusable" | "shadowed";
  readonly because: string;
  readonly value?: string;
  /** Which layer of the environment it is from. */
  readonly layer?: EnvLayer;
  readonly code?: string;
  readonly hint?: string;
  readonly expiresAt?: number;
  /** End of a cooldown. */
  readonly coolingUntil?: number;
}

/** A variable, and what every layer of the environment says of it. */
export interface VariableView {
  readonly name: string;
  /** The one that is used first, strongest layer first. */
  readonly definitions: readonly {
    readonly layer: EnvLayer;
    /** Public prefix and fingerprint; `null`: set to nothing, which hides the layers below all the same. */
    readonly value: string | null;
    readonly isUsed: boolean;
  }[];
  /** Whether layers define it with different values. */
  readonly differs: boolean;
  /** Providers whose keys it may hold. */
  readonly providers: readonly string[];
  /** Whether the login shell was asked for it. */
  readonly isShellAsked: boolean;
}
