/** A window as it is kept. */
export interface WindowRecord {
  /** Epoch milliseconds. */
  readonly until: number;
  /** `rate_limit`, `billing` or `auth_permanent`; others of older versions are read as the nearest of these. */
  readonly reason: string;
  /** Windows in a row without a success between them. */
  readonly count: number;
}

/** What is kept of one credential. */
export interface CredentialRecord {
  /** Epoch milliseconds. */
  readonly lastUsed?: number;
  /** By model; `*` for all models. */
  readonly windows: Readonly<Record<string, WindowRecord>>;
}

/** What is kept of the credentials of one store. */
export interface HealthRecords {
  /** By credential id. */
  readonly credentials: ReadonlyMap<string, CredentialRecord>;
  /** The profile that answered last, by provider. */
  readonly lastGood: Readonly<Record<string, string>>;
}
