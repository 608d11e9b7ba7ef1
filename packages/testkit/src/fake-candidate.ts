/** What a {@link FakeCandidate} resolves to: a credential without a secret, which its id tells apart. */
export interface FakeCredential {
  readonly id: string;
  readonly provider: string;
  readonly origin: string;
  readonly billing: "metered" | "subscription" | "local";
  readonly hosts: readonly string[];
  readonly generation: number;
  readonly kind: "none";
}

/** Fits wherever a `Candidate` of `@openclaw/secrets` is taken. */
export interface FakeCandidate extends Omit<FakeCredential, "generation" | "kind"> {
  readonly via: "profile" | "key";
  resolve(request: {
    readonly signal?: AbortSignal;
    readonly rejected?: { readonly generation: number };
  }): FakeCredential | Promise<FakeCredential>;
}

/**
 * A candidate that resolves at once. A forced refresh (`rejected`) gives the next generation.
 *
 * @example
 * const plan = { provider: "openai", candidates: [fakeCandidate("one"), fakeCandidate("two", { via: "profile" })], excluded: [] };
 */
export function fakeCandidate(id: string, overrides: Partial<FakeCandidate> = {}): FakeCandidate {
  const info = {
    id,
    provider: overrides.provider ?? "test-provider",
    origin: overrides.origin ?? `origin of ${id}`,
    billing: overrides.billing ?? "metered",
    hosts: overrides.hosts ?? ["http://127.0.0.1"],
  };
  return {
    ...info,
    via: overrides.via ?? "key",
    resolve: overrides.resolve ?? (({ rejected }) => ({ ...info, generation: rejected ? rejected.generation + 1 : 0, kind: "none" })),
  };
}
