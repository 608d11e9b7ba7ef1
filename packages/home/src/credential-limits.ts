import { normalizeProviderId } from "@openclaw/providers";
import type { Candidate, CredentialInfo } from "@openclaw/secrets";
import type { AuthConfig } from "./auth-config.ts";

type Entries = AuthConfig["credentials"];

/** What is set for a credential. */
export type CredentialLimits = Pick<CredentialInfo, "bucket" | "maxConcurrent">;

/** The variable of a key that is one of several in it: `OPENAI_API_KEYS[2]` is one of `OPENAI_API_KEYS`. */
function variableOf(origin: string): string {
  return origin.replace(/\[\d+\]$/u, "");
}

/** The provider whose configured key a name stands for, if it does: `models.providers.openai.apiKey`. */
export function providerOfName(name: string): string | undefined {
  const [, provider] = /^models\.providers\.(.+)\.apiKey$/u.exec(name) ?? [];
  return provider === undefined ? undefined : normalizeProviderId(provider);
}

/** What is said of a key of the environment: under its variable, and more exactly under its place in it. */
export function limitsOfVariable(entries: Entries, origin: string): CredentialLimits {
  return merged([own(entries, variableOf(origin)), own(entries, origin)]);
}

/** What is said of the key of the configuration, under any spelling of its provider. */
export function limitsOfConfigKey(entries: Entries, provider: string): CredentialLimits {
  return merged(Object.entries(entries ?? {}).map(([name, entry]) => (providerOfName(name) === provider ? entry : undefined)));
}

/** A candidate, and the credential it becomes, with what is set for it. What it has already stays. */
export function withLimits(candidate: Candidate, limits: CredentialLimits): Candidate {
  if (Object.keys(limits).length === 0) return candidate;
  const { bucket, maxConcurrent } = candidate;
  const all = merged([limits, { bucket, maxConcurrent }]);
  return Object.freeze({
    ...candidate,
    ...all,
    resolve(request) {
      const credential = candidate.resolve(request);
      return credential instanceof Promise ? credential.then((resolved) => ({ ...resolved, ...all })) : { ...credential, ...all };
    },
  } satisfies Candidate);
}

type Entry = NonNullable<Entries>[string];

/** The later of two that say something. */
function merged(entries: readonly (Entry | undefined)[]): CredentialLimits {
  let limits: CredentialLimits = {};
  for (const { bucket, maxConcurrent } of entries.filter((entry) => entry !== undefined)) {
    limits = { ...limits, ...(bucket !== undefined && { bucket }), ...(maxConcurrent !== undefined && { maxConcurrent }) };
  }
  return limits;
}

function own(entries: Entries = {}, name: string): Entry | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}
