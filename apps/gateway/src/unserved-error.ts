/** What a client is told beside the reason. */
export interface UnservedOptions {
  /** What became of each credential, in words that name no profile. */
  readonly trail: readonly string[];
  /** When the first credential recovers, where none can be tried now (epoch milliseconds). */
  readonly retryAt: number | undefined;
  /** Replaces the names of profiles in a text: they are often e-mail addresses. */
  readonly withoutNames: (text: string) => string;
}

/** No model gave an answer. Its cause is the reason, as an operator may read it. */
export class UnservedError extends Error {
  override readonly name = "UnservedError";
  readonly trail: readonly string[];
  readonly retryAt: number | undefined;
  readonly withoutNames: (text: string) => string;

  constructor(cause: unknown, { trail, retryAt, withoutNames }: UnservedOptions) {
    super("no model gave an answer", { cause });
    this.trail = trail;
    this.retryAt = retryAt;
    this.withoutNames = withoutNames;
  }
}
