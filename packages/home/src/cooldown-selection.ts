import { authProviderId, normalizeProviderId, providerSpecs } from "@openclaw/providers";
import { HomeError } from "./errors.ts";
import { allKeys, type NamedKey } from "./named-keys.ts";
import { nearest } from "./nearest.ts";
import { profileFingerprints } from "./profile-fingerprints.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/** Whose cooldowns are meant, as somebody typed it. */
export interface CooldownQuery {
  readonly whose:
    /** A profile id, a fingerprint, where a key is (`OPENAI_API_KEYS[2]`), or `bucket:...`. */
    | { readonly kind: "one"; readonly name: string }
    | { readonly kind: "provider"; readonly name: string }
    /** All that the agent uses. */
    | { readonly kind: "all" };
  /** As it is asked for: `provider/model`, an alias, or the model's own name. */
  readonly model: string | undefined;
  readonly agentId: string | undefined;
}

/** Which windows are meant. */
export interface CooldownSelection {
  /** In words, behind "no cooldown of". */
  readonly what: string;
  readonly keys: readonly NamedKey[];
  hasId(id: string): boolean;
  hasModel(model: string): boolean;
}

/**
 * Finds out what a person means.
 *
 * @param kept The ids of which something is kept, whoever they belong to.
 * @throws {HomeError} `unknown-credential` or `unknown-model` for what is not there, with what is like it.
 */
export function selectCooldowns(home: HomeSnapshot, { whose, model, agentId }: CooldownQuery, kept: readonly string[]): CooldownSelection {
  const keys = allKeys(home);
  const chosen = { keys, hasModel: modelTest(home, model, agentId) };
  if (whose.kind === "one") return { ...chosen, ...oneOf(whose.name.trim(), home, { agentId, keys, kept }) };
  if (whose.kind === "provider") return { ...chosen, ...ofProvider(whose.name, home, { agentId, keys }) };
  return { ...chosen, what: `agent ${home.agents.find(agentId).id}`, hasId: () => true };
}

type Ids = Pick<CooldownSelection, "what" | "hasId">;

interface Known {
  readonly agentId: string | undefined;
  readonly keys: readonly NamedKey[];
}

function oneOf(text: string, home: HomeSnapshot, { agentId, keys, kept }: Known & { readonly kept: readonly string[] }): Ids {
  const set = home.agents.find(agentId).profiles();
  const profiles = set.ids();
  const buckets = [...new Set([...kept, ...plannedBuckets(home, { agentId, keys })].filter((id) => id.startsWith("bucket:")))];
  const named = [
    ...profiles.filter((id) => id === text || (text.startsWith("#") && profileFingerprints(home, set, id).includes(text))),
    ...keys.filter(({ id, origin }) => id === text || origin === text).map(({ id }) => id),
    // The provider of a bucket may be left out.
    ...buckets.filter((id) => id === text || `bucket:${id.split(":").slice(2).join(":")}` === text),
    ...kept.filter((id) => id === text),
  ];
  const ids = new Set(named);
  if (ids.size > 0) return { what: text, hasId: (id) => ids.has(id) };
  const known = [...profiles, ...keys.flatMap(({ id, origin }) => [id, origin]), ...buckets, ...kept];
  const near = nearest(text, known);
  const hint =
    near.length > 0 ? `there is ${near.join(", ")}` : "openclaw models auth list shows the accounts, openclaw models status what cools";
  throw new HomeError("unknown-credential", `No account, key or bucket is called ${JSON.stringify(text)}.`, { hint });
}

function ofProvider(text: string, home: HomeSnapshot, { agentId, keys }: Known): Ids {
  const { profiles } = home.agents.find(agentId).profiles().store;
  const wanted = authProviderId(text);
  const isKnown =
    home.providers.find(text) !== undefined || [...profiles.values()].some(({ provider }) => authProviderId(provider) === wanted);
  if (!isKnown) {
    const near = nearest(text, [...home.providers.configured, ...providerSpecs.map(({ id }) => id)]);
    throw new HomeError("unknown-model", `There is no provider ${JSON.stringify(text)}.`, {
      hint: near.length > 0 ? `there is ${near.join(", ")}` : "for example anthropic",
    });
  }
  const ofKeys = new Set(keys.filter(({ provider }) => provider === wanted).map(({ id }) => id));
  const ids = [wanted, normalizeProviderId(text)];
  return {
    what: wanted,
    hasId(id) {
      const profile = profiles.get(id);
      if (profile) return authProviderId(profile.provider) === wanted;
      // What is left of an account that has gone tells by its name whose it was.
      return ofKeys.has(id) || ids.some((provider) => id.startsWith(`bucket:${provider}:`) || id.startsWith(`${provider}:`));
    },
  };
}

/** A quota that nothing is kept of may be named all the same. */
function plannedBuckets(home: HomeSnapshot, { agentId, keys }: Known): readonly string[] {
  const { profiles } = home.agents.find(agentId).profiles().store;
  const providers = new Set([...profiles.values(), ...keys].map(({ provider }) => authProviderId(provider)));
  const plans = [...providers]
    .filter((provider) => home.providers.find(provider))
    .map((provider) => home.plan({ provider, ...(agentId !== undefined && { agentId }) }));
  return plans.flatMap(({ candidates }) =>
    candidates.flatMap(({ provider, bucket }) => (bucket === undefined ? [] : [`bucket:${provider}:${bucket}`])),
  );
}

/** A window is kept under the name a provider knows the model by. */
function modelTest(home: HomeSnapshot, text: string | undefined, agentId: string | undefined): (model: string) => boolean {
  if (text === undefined) return () => true;
  const names = new Set([text.trim(), home.models(agentId).resolve(text)?.model]);
  return (model) => names.has(model);
}
