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
    readonly keys: readonly { readonly origin: string; readonly value: string }[];
  };
  readonly modelsJson?: { readonly value: string; readonly source: string };
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
}

/** The JSON of `models status`. Fields are never removed; new ones may come. */
export interface StatusReport {
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
    readonly unusableProfiles: readonly UnusableProfile[];
    /** What stands in the store and is no account, or is one with something to know. */
    readonly storeNotes: readonly { readonly profileId?: string; readonly code: string; readonly message: string }[];
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
