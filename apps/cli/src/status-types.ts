import type { Cooldown } from "@openclaw/home";
import type { Strategy } from "@openclaw/key-rotation";
import type { BillingClass } from "@openclaw/secrets";

/** Whether a profile or provider works: `static` never expires. */
type HealthStatus = "ok" | "static" | "expiring" | "expired" | "missing";

export interface ProviderRow {
  readonly provider: string;
  /** Where a request would look first. */
  readonly effective: { readonly kind: "profiles" | "env" | "models.json" | "missing"; readonly detail: string };
  readonly profiles: {
    readonly count: number;
    readonly oauth: number;
    readonly token: number;
    readonly apiKey: number;
    readonly labels: readonly string[];
  };
  readonly env?: {
    readonly value: string;
    readonly source: string;
    readonly layer: string;
    readonly keys: readonly { readonly origin: string; readonly value: string; readonly id: string; readonly billing: BillingClass }[];
  };
  readonly modelsJson?: { readonly value: string; readonly source: string };
  /** How one of several credentials is chosen, where that is not `ordered`. */
  readonly strategy?: Strategy;
  /** Why no request can reach the provider, such as a refused base URL. */
  readonly problem?: string;
  /** Credentials a request would pass over, and why. */
  readonly excluded: readonly { readonly id: string; readonly reason: string }[];
}

export interface ProfileEntry {
  readonly profileId: string;
  readonly provider: string;
  readonly type: "api_key" | "token" | "oauth";
  readonly status: HealthStatus;
  readonly reasonCode?: string;
  readonly expiresAt?: number;
  readonly remainingMs?: number;
  readonly source: "store";
  readonly label: string;
  /** Its credential as output may show it: a public prefix and a fingerprint, a reference, or what kind of login it is. */
  readonly value: string;
  /** Who pays for its requests. */
  readonly billing: BillingClass;
  /** State of the access credential alone, whatever a refresh could do. */
  readonly access: HealthStatus;
  readonly isRefreshable: boolean;
  /** What is known about getting another access without a person. */
  readonly refresh: "ready" | "none" | "paused" | "indeterminate" | "rejected";
  /** What a person should do about it. */
  readonly hint?: string;
}

export interface UnusableProfile {
  readonly profileId: string;
  readonly provider?: string;
  readonly kind: "cooldown" | "disabled";
  readonly reason?: string;
  readonly until: number;
  readonly remainingMs: number;
  /** The model it is for; all of them unless given. */
  readonly model?: string;
  /** Windows in a row without a success between them. */
  readonly count?: number;
}

/** A model in use that a flat plan is there for, and that the next request would not be served by it. */
export interface BillingNotice {
  /** `provider/model` that is asked for. */
  readonly asked: string;
  /** `paid`: what is paid per token would serve. `refused`: it is left out, and nothing serves. */
  readonly kind: "paid" | "refused";
  /** What would serve. */
  readonly served?: { readonly id: string; readonly origin: string; readonly model: string };
  readonly message: string;
}

/** The JSON of `models status`. Fields are never removed; new ones may come. */
export interface StatusReport {
  /** When it was made, epoch milliseconds. */
  readonly at: number;
  readonly configPath: string;
  readonly agentId?: string;
  readonly agentDir: string;
  readonly defaultModel: string;
  readonly resolvedDefault: string;
  readonly fallbacks: readonly string[];
  readonly imageModel: string | null;
  readonly imageFallbacks: readonly string[];
  readonly modelConfig?: { readonly defaultSource: "agent" | "defaults"; readonly fallbacksSource: "agent" | "defaults" };
  readonly aliases: Readonly<Record<string, string>>;
  readonly allowed: readonly string[];
  readonly auth: {
    readonly storePath: string;
    readonly shellEnvFallback: { readonly enabled: boolean; readonly appliedKeys: readonly string[] };
    readonly providersWithOAuth: readonly string[];
    readonly missingProvidersInUse: readonly string[];
    /** In use, and no request to them can work: no usable credential, no usable address, or no such model. */
    readonly unusableInUse: readonly { readonly name: string; readonly reason: string; readonly hint?: string }[];
    readonly providers: readonly ProviderRow[];
    /** Profiles that are to be left alone, as it is kept of them, the soonest end first; one entry for each model. */
    readonly unusableProfiles: readonly UnusableProfile[];
    /** What requests heed: windows of profiles, keys and buckets, also those that have ended and are tried next. */
    readonly cooldowns: readonly Cooldown[];
    /** `auth.pins` and `auth.billingCrossing`, or their defaults. */
    readonly pins: "strict" | "prefer";
    readonly billingCrossing: "allow" | "refuse";
    readonly billingNotices: readonly BillingNotice[];
    /** What stands in the store and is no account, or is one with something to know; and files of cooldowns that cannot be read. */
    readonly storeNotes: readonly StoreNote[];
    readonly oauth: {
      readonly warnAfterMs: number;
      readonly profiles: readonly ProfileEntry[];
      readonly providers: readonly {
        readonly provider: string;
        readonly status: HealthStatus;
        readonly profiles: readonly ProfileEntry[];
        readonly expiresAt?: number;
        readonly remainingMs?: number;
      }[];
    };
  };
}

/** Something to know of a file of accounts or of their cooldowns. */
export interface StoreNote {
  readonly profileId?: string;
  readonly code: string;
  readonly message: string;
  /** The file, where it is not the store. */
  readonly path?: string;
  readonly hint?: string;
}
