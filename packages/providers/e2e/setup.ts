import type { Plan } from "@openclaw/key-rotation";
import { Secret, type Candidate, type Credential } from "@openclaw/secrets";
import { startFakeProvider, type FakeProvider, type FakeProviderScript } from "@openclaw/testkit";
import { onTestFinished } from "vitest";
import { createProviderFetch, findProvider, type ProviderFetchOptions, type ProviderSpec } from "../src/index.ts";
import type { Sdk } from "./sdks.ts";

export interface KeyOptions {
  readonly via?: Candidate["via"];
  readonly id?: string;
  readonly renewed?: string;
}

/** A credential with that key, for the host of the provider. */
export function keyCandidate(key: string, hosts: readonly string[], { via = "key", id = key, renewed }: KeyOptions = {}): Candidate {
  const info = { id, provider: "test", origin: `origin of ${id}`, billing: "metered" as const, hosts };
  const credential = (value: string): Credential => ({ ...info, generation: 0, kind: "api-key", secret: Secret.of(value) });
  return {
    ...info,
    via,
    isRenewable: renewed !== undefined,
    resolve: ({ rejected }) => credential(rejected && renewed !== undefined ? renewed : key),
  };
}

/** A plan of keys, in order. */
export function planOf(candidates: readonly Candidate[]): Plan {
  return { provider: "test", candidates, excluded: [] };
}

export interface Setup {
  readonly provider: FakeProvider;
  readonly spec: ProviderSpec;
  readonly fetch: typeof fetch;
  readonly url: string;
}

export interface SetupOptions extends Omit<Partial<ProviderFetchOptions>, "plan"> {
  readonly replies?: FakeProviderScript["replies"];
  readonly default?: FakeProviderScript["default"];
  readonly keys?: readonly string[];
  readonly via?: Candidate["via"];
}

/** A scripted provider, and the `fetch` for it with these keys: `k1` and `k2` unless given. */
export async function setUp(sdk: Pick<Sdk, "provider" | "base">, options: SetupOptions = {}): Promise<Setup> {
  const { replies, default: other, keys = ["test-key-one", "test-key-two"], via = "key", ...fetchOptions } = options;
  const provider = await startFakeProvider({ ...(replies && { replies }), ...(other && { default: other }) });
  onTestFinished(() => provider.close());
  const spec = findProvider(sdk.provider);
  if (!spec) throw new Error(`no provider ${sdk.provider}`);
  const plan = planOf(keys.map((key, index) => keyCandidate(key, [provider.origin], { via, id: `test:${index}` })));
  const fetch = createProviderFetch(spec, { plan, baseUrl: `${provider.url}${sdk.base}`, ...fetchOptions });
  return { provider, spec, fetch, url: provider.url };
}
