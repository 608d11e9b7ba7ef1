import { readCredentialText, type BillingClass, type Candidate, type Env, type Secret } from "@openclaw/secrets";
import { isKeyCompanion, keyVariables } from "./key-variables.ts";

/** A key found in the environment. */
export interface EnvKey {
  readonly variable: string;
  /** `NAME`, or `NAME[2]` for the second key of a list. */
  readonly origin: string;
  readonly secret: Secret;
}

/** What else is known of a provider's variables. */
export interface EnvKeysOptions {
  /** Variables of this provider beyond the rotation ones, in order of precedence (`HF_TOKEN`). */
  readonly variables?: readonly string[];
}

/** What candidates need to know beyond the keys. */
export interface EnvKeyCandidatesOptions extends EnvKeysOptions {
  /** Origins the keys may be sent to. */
  readonly hosts: readonly string[];
  /** Salt of the fingerprints that serve as ids. */
  readonly salt: Uint8Array;
  /** Who pays for a key. `metered` unless given. */
  readonly billing?: (key: EnvKey) => BillingClass;
}

/** The one key of `OPENCLAW_LIVE_<P>_KEY`, which is used in place of everything else. */
export function liveKey(env: Env, provider: string): EnvKey | undefined {
  return readVariable(env, keyVariables(provider).live);
}

/**
 * The keys of a provider in the order they are tried: the live key alone if it is set; else
 * `<P>_API_KEYS`, `<P>_API_KEY`, `<P>_API_KEY_*` in natural order (`_2` before `_10`) and the
 * fallback. Further `variables` keep their place before or after `<P>_API_KEY`. A key that occurs
 * twice counts once. Companions such as `<P>_API_KEY_FILE` are not keys.
 */
export function envKeys(env: Env, provider: string, options: EnvKeysOptions = {}): readonly EnvKey[] {
  const live = liveKey(env, provider);
  if (live) return [live];

  const names = keyVariables(provider);
  const variables = options.variables ?? [];
  const primaryAt = variables.indexOf(names.primary);
  const ordered = [
    ...variables.slice(0, Math.max(primaryAt, 0)).map((name) => readVariable(env, name)),
    ...readList(env, names.list),
    readVariable(env, names.primary),
    ...numbered(env, names.prefix).map((name) => readVariable(env, name)),
    ...variables.slice(primaryAt + 1).map((name) => readVariable(env, name)),
    ...names.fallback.map((name) => readVariable(env, name)),
  ];
  return withoutRepetitions(ordered.filter((key) => key !== undefined));
}

/** The environment's keys of a provider as candidates, ready for a plan. */
export function envKeyCandidates(env: Env, provider: string, options: EnvKeyCandidatesOptions): readonly Candidate[] {
  return envKeys(env, provider, options).map((key) => {
    const info = {
      id: key.secret.fingerprint(options.salt),
      provider,
      origin: key.origin,
      billing: options.billing?.(key) ?? "metered",
      hosts: options.hosts,
    };
    return Object.freeze({
      ...info,
      via: "key",
      resolve: () => ({ ...info, generation: 0, kind: "api-key", secret: key.secret }),
    } satisfies Candidate);
  });
}

/** Keeps the first of equal keys. Only keys with the same fingerprint are compared, so that a thousand of them take no second. */
function withoutRepetitions(keys: readonly EnvKey[]): readonly EnvKey[] {
  const kept = new Map<string, EnvKey[]>();
  return keys.filter((key) => {
    const print = key.secret.fingerprint(new Uint8Array());
    const alike = kept.get(print) ?? [];
    if (alike.some((earlier) => earlier.secret.equals(key.secret))) return false;
    kept.set(print, [...alike, key]);
    return true;
  });
}

const naturalOrder = new Intl.Collator("en", { numeric: true });

function numbered(env: Env, prefix: string): readonly string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !isKeyCompanion(name))
    .toSorted((left, right) => naturalOrder.compare(left, right) || (left < right ? -1 : 1)); // `_2` and `_02` compare as equal
}

function readList(env: Env, variable: string): readonly EnvKey[] {
  const secrets = (env[variable] ?? "").split(/[\s,;]+/u).map((text) => readCredentialText(text));
  return secrets
    .filter((secret) => secret !== undefined)
    .map((secret, index) => ({ variable, origin: `${variable}[${index + 1}]`, secret }));
}

function readVariable(env: Env, variable: string): EnvKey | undefined {
  const secret = readCredentialText(env[variable]);
  return secret && { variable, origin: variable, secret };
}
