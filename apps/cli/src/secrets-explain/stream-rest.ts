import { readConfigKey, type HomeSnapshot } from "@openclaw/home";
import { envKeys, isKeyCompanion, keyVariables, type Plan } from "@openclaw/key-rotation";
import { authProviderId } from "@openclaw/providers";
import type { Env } from "@openclaw/secrets";
import { leftOutReasons } from "../left-out-reasons.ts";
import { maskedSecret } from "../profile-label.ts";
import { judgeCandidate, type JudgementContext } from "./candidate-judgement.ts";
import type { StreamEntry } from "./explanation.ts";

/** What the plan passes over. */
export function passedOver(plan: Plan, { home, provider }: JudgementContext): readonly StreamEntry[] {
  const key = configKey(home, provider);
  return plan.excluded.map(({ id, reason }) => {
    const isConfig = key.kind === "unresolved" && key.origin === id;
    return {
      origin: isConfig ? id : `profile ${id}`,
      via: isConfig ? "config" : "profile",
      outcome: ["excluded_by_auth_order", "not_configured", "billing_fence"].includes(reason) ? "shadowed" : "unusable",
      because: isConfig ? key.message : (leftOutReasons[reason] ?? reason),
      code: reason,
    };
  });
}

/** What a live key takes the place of. */
export async function shadowedByLiveKey(context: JudgementContext): Promise<readonly StreamEntry[]> {
  const { home, provider, profiles } = context;
  const { live } = keyVariables(authProviderId(provider.spec.id));
  const because = `${live} is used in place of it`;
  const stored = profiles.candidates({ provider: provider.spec.id, hosts: [] });
  const seen = await Promise.all(
    stored.candidates.map(async (candidate): Promise<StreamEntry> => {
      const { value } = await judgeCandidate(candidate, context);
      return { origin: candidate.origin, via: "profile", outcome: "shadowed", because, ...(value !== undefined && { value }) };
    }),
  );
  const others = Object.fromEntries(Object.entries(home.env.values).filter(([name]) => name !== live));
  return [...seen, ...environment(others, because, context), ...configured(because, context)];
}

/** What an explicit order leaves out beside profiles. */
export function shadowedByOrder(context: JudgementContext): readonly StreamEntry[] {
  const because = "an order is set, and ends at its profiles";
  return [...environment(context.home.env.values, because, context), ...configured(because, context)];
}

/** Variables of a provider that give no key of their own, and a configured key that is one of the environment's. */
export function unreadVariables({ home, provider }: JudgementContext): readonly StreamEntry[] {
  const { env, salt } = home;
  const { spec } = provider;
  const { list, primary, prefix, fallback } = keyVariables(authProviderId(spec.id));
  const numbered = Object.keys(env.values).filter((name) => name.startsWith(prefix));
  const keys = envKeys(env.values, authProviderId(spec.id), { variables: spec.env });
  const read = new Set(keys.map(({ variable }) => variable));
  const names = [...new Set([list, primary, ...numbered, ...spec.env, ...fallback])].filter((name) => !read.has(name));
  const twinOf = (value: string) => keys.find(({ secret }) => maskedSecret(secret, salt) === value)?.origin;
  const unread = names.flatMap((name): readonly StreamEntry[] => {
    const [used, next] = env.definitionsOf(name);
    if (!used) return [];
    const entry = { origin: name, via: "env", layer: used.layer } as const;
    if (isKeyCompanion(name)) return [{ ...entry, outcome: "shadowed", because: "it names where a key is, and holds none" }];
    if (used.isBlank) {
      const hidden = next && !next.isBlank ? `, and hides the one in ${next.layer}` : "";
      return [{ ...entry, outcome: "unusable", because: `it is set to nothing${hidden}` }];
    }
    const value = maskedSecret(used.secret, salt);
    const twin = twinOf(value);
    const because = twin === undefined ? "it gives no key that is not among those before" : `the same key as ${twin}: it is tried once`;
    return [{ ...entry, outcome: "shadowed", because, value }];
  });
  const key = configKey(home, provider);
  const value = key.kind === "key" ? maskedSecret(key.secret, salt) : undefined;
  const twin = value === undefined ? undefined : twinOf(value);
  if (key.kind !== "key" || value === undefined || twin === undefined) return unread;
  return [
    ...unread,
    { origin: key.origin, via: "config", outcome: "shadowed", because: `the same key as ${twin}: it is tried once`, value },
  ];
}

function environment(values: Env, because: string, { home, provider }: JudgementContext): readonly StreamEntry[] {
  const { spec } = provider;
  return envKeys(values, authProviderId(spec.id), { variables: spec.env }).map(({ origin, variable, secret }) => {
    const layer = home.env.layerOf(variable);
    const value = maskedSecret(secret, home.salt);
    return { origin, via: "env", outcome: "shadowed", because, value, ...(layer !== undefined && { layer }) } satisfies StreamEntry;
  });
}

function configured(because: string, { home, provider }: JudgementContext): readonly StreamEntry[] {
  const key = configKey(home, provider);
  if (key.kind === "absent" || key.kind === "marker") return [];
  const value = key.kind === "key" ? { value: maskedSecret(key.secret, home.salt) } : {};
  return [{ origin: key.origin, via: "config", outcome: "shadowed", because, ...value }];
}

function configKey(
  { env, lookUp, config }: HomeSnapshot,
  { spec, config: entry }: JudgementContext["provider"],
): ReturnType<typeof readConfigKey> {
  return readConfigKey(spec.id, entry?.apiKey, env, lookUp, config.secrets?.defaults ?? {});
}
