import {
  EXPIRING_WITHIN_MS,
  providerHealth,
  type AuthProfile,
  type DropReason,
  type ProfileHealth,
  type ProfileSet,
} from "@openclaw/auth-profiles";
import { credentialHint, HomeError, oauthEndpoints, readConfigKey, shellEnvSettings, type ConfigKey, type Home } from "@openclaw/home";
import { envKeys, type EnvKey, type Plan } from "@openclaw/key-rotation";
import { authProviderId, normalizeProviderId, providerSpecs, type ProviderSpec } from "@openclaw/providers";
import { profileLabel, maskedSecret } from "./profile-label.ts";
import type { ProfileEntry, ProviderRow, StatusReport } from "./status-types.ts";
import { unusableProfiles } from "./unusable-profiles.ts";

export interface StatusQuery {
  /** The agent that `--agent` named. */
  readonly agentId?: string;
  readonly now: number;
}

/** What `models status` knows, in the shape its JSON prints. Reads a home that is open already; no network, no command. */
export function createStatusReport(home: Home, query: StatusQuery): StatusReport {
  const { paths, config, env, agents } = home.current;
  const agent = agents.find(query.agentId);
  const profiles = agent.profiles();
  const settings = home.current.models(query.agentId);
  const refs = [
    settings.defaultModel,
    ...settings.fallbacks,
    ...(settings.imageModel === undefined ? [] : [settings.imageModel]),
    ...settings.imageFallbacks,
  ];
  const inUse = unique(refs.flatMap((ref) => settings.resolve(ref)?.provider ?? []));
  const listed = unique([
    ...[...profiles.store.profiles.values()].map((profile) => normalizeProviderId(profile.provider)),
    ...home.current.providers.configured,
    ...inUse,
    ...settings.allowed.flatMap((ref) => settings.resolve(ref)?.provider ?? []),
    ...providerSpecs.filter((spec) => spec.isListedFromEnv && isDetected(home, spec)).map((spec) => spec.id),
  ]);
  const health = profiles.inspect();
  const rows = listed.map((provider) =>
    providerRow(provider, { home, agentId: query.agentId, profiles, storePath: agent.storePath, now: query.now }),
  );
  const resolved = settings.resolve(settings.defaultModel);

  return {
    configPath: paths.configPath,
    ...(query.agentId !== undefined && { agentId: agent.id }),
    agentDir: agent.dir,
    defaultModel: settings.defaultModel,
    resolvedDefault: resolved ? `${resolved.provider}/${resolved.model}` : settings.defaultModel,
    fallbacks: settings.fallbacks,
    imageModel: settings.imageModel ?? null,
    imageFallbacks: settings.imageFallbacks,
    ...(query.agentId !== undefined && {
      modelConfig: { defaultSource: settings.defaultSource, fallbacksSource: settings.fallbacksSource },
    }),
    aliases: settings.aliases,
    allowed: settings.allowed,
    auth: {
      storePath: agent.storePath,
      shellEnvFallback: {
        enabled: shellEnvSettings(config.env?.["shellEnv"], env.values).isEnabled,
        appliedKeys: Object.keys(env.values).filter((name) => env.layerOf(name) === "shell env"),
      },
      providersWithOAuth: rows.flatMap((row) => withOAuth(row)),
      missingProvidersInUse: inUse.filter((provider) => isMissing(planFor(home, provider, query.agentId))),
      unusableInUse: [
        ...refs.filter((ref) => !settings.resolve(ref)).map((name) => ({ name, reason: "neither an alias nor provider/model" })),
        ...inUse.flatMap((provider) => unusable(home, provider, query.agentId)),
      ],
      providers: rows.filter((row) => row.profiles.count > 0 || row.env !== undefined || row.modelsJson !== undefined),
      unusableProfiles: unusableProfiles(profiles.store, query.now),
      storeNotes: [
        ...profiles.store.dropped.map(({ id, reason }) => ({
          profileId: id,
          code: reason,
          message: `profiles.${id} is no account and was passed over: ${dropReasons[reason]}`,
        })),
        ...profiles.store.diagnostics,
      ],
      oauth: {
        warnAfterMs: EXPIRING_WITHIN_MS,
        profiles: health.map((profile) => profileEntry(home, profile)),
        providers: listed.map((provider) => providerEntry(home, provider, health)),
      },
    },
  };
}

const dropReasons: Readonly<Record<DropReason, string>> = {
  non_object: "it is not an object",
  invalid_type: 'its type is none of "api_key", "token" and "oauth"',
  missing_provider: "it names no provider",
};

interface RowContext {
  readonly home: Home;
  readonly agentId: string | undefined;
  readonly profiles: ProfileSet;
  readonly storePath: string;
  readonly now: number;
}

function providerRow(provider: string, context: RowContext): ProviderRow {
  const { home, profiles, now } = context;
  const { salt, paths } = home.current;
  const stored = [...profiles.store.profiles].filter(([, profile]) => authProviderId(profile.provider) === authProviderId(provider));
  const keys = keysOf(home, provider);
  const first = keys[0];
  const env = first && {
    value: first.variable.includes("OAUTH_TOKEN") ? "OAuth (env)" : maskedSecret(first.secret, salt),
    source: `${home.current.env.layerOf(first.variable) === "shell env" ? "shell env" : "env"}: ${first.variable}`,
    layer: home.current.env.layerOf(first.variable) ?? "env",
    keys: keys.map((key) => ({ origin: key.origin, value: maskedSecret(key.secret, salt) })),
  };
  const problem = home.current.providers.find(provider)?.problem;
  const modelsJson = modelsJsonOf(configKeyOf(home, provider), salt);
  return {
    provider,
    effective:
      stored.length > 0
        ? { kind: "profiles", detail: paths.display(context.storePath) }
        : env
          ? { kind: "env", detail: env.value }
          : modelsJson
            ? { kind: "models.json", detail: modelsJson.value }
            : { kind: "missing", detail: "missing" },
    profiles: {
      count: stored.length,
      oauth: countOf(stored, "oauth"),
      token: countOf(stored, "token"),
      apiKey: countOf(stored, "api_key"),
      labels: stored.map(([id, profile]) => profileLabel(id, profile, profiles.store, { salt, now })),
    },
    ...(env && { env }),
    ...(modelsJson && { modelsJson }),
    ...(problem !== undefined && { problem }),
    excluded: planFor(home, provider, context.agentId)?.excluded ?? [],
  };
}

/** Gemini's keys serve Vertex as well, but only Vertex's own variable says that somebody uses it. */
function isDetected(home: Home, spec: ProviderSpec): boolean {
  const keys = keysOf(home, spec.id);
  return spec.id === "google-vertex" ? keys.some((key) => spec.env.includes(key.variable)) : keys.length > 0;
}

function keysOf(home: Home, provider: string): readonly EnvKey[] {
  const variables = home.current.providers.find(provider)?.spec.env ?? [];
  return envKeys(home.current.env.values, authProviderId(provider), { variables });
}

function configKeyOf(home: Home, provider: string): ConfigKey {
  const { env, lookUp, config, providers } = home.current;
  return readConfigKey(provider, providers.find(provider)?.config?.apiKey, env, lookUp, config.secrets?.defaults ?? {});
}

function modelsJsonOf(key: ConfigKey, salt: Uint8Array): ProviderRow["modelsJson"] {
  if (key.kind === "key") return { value: maskedSecret(key.secret, salt), source: `openclaw.json: ${key.origin}` };
  if (key.kind === "marker") return { value: `marker(${key.name})`, source: "openclaw.json" };
  if (key.kind === "skipped") return { value: `ref(${key.ref.source}:${key.ref.id})`, source: `openclaw.json: ${key.origin}` };
  return undefined;
}

/** What a request would be answered with; `undefined` for a provider nobody knows. */
function planFor(home: Home, provider: string, agentId: string | undefined): Plan | undefined {
  if (!home.current.providers.find(provider)) return undefined;
  return home.plan({ provider, ...(agentId !== undefined && { agentId }) });
}

/** A provider without a single credential, good or bad. One that needs none on this machine is not missing. */
function isMissing(plan: Plan | undefined): boolean {
  return plan === undefined || (plan.candidates.length === 0 && plan.excluded.length === 0);
}

/** Judged as a request would be: by the plan and the address, not by what is stored. */
function unusable(home: Home, provider: string, agentId: string | undefined): StatusReport["auth"]["unusableInUse"] {
  const found = home.current.providers.find(provider);
  if (!found) return [{ name: provider, reason: "no such provider" }];
  if (found.problem !== undefined) return [{ name: provider, reason: found.problem }];
  const plan = planFor(home, provider, agentId);
  if (!plan || plan.candidates.length > 0) return [];
  if (isMissing(plan)) return [{ name: provider, reason: "no credential", hint: credentialHint(found.spec) }];
  const reason = `left out: ${plan.excluded.map(({ id, reason: why }) => `${id} (${why})`).join(", ")}`;
  return [{ name: provider, reason, hint: `openclaw secrets explain ${provider}` }];
}

function withOAuth(row: ProviderRow): readonly string[] {
  const count = row.profiles.oauth + row.profiles.token + (row.env?.value === "OAuth (env)" ? 1 : 0);
  return count > 0 ? [`${row.provider} (${count})`] : [];
}

function profileEntry(home: Home, health: ProfileHealth): ProfileEntry {
  const hint = health.hint ?? refreshHint(home, health);
  const { profileId, provider, type, status, reasonCode, expiresAt, remainingMs, access, refresh, isRefreshable } = health;
  return {
    profileId,
    provider: normalizeProviderId(provider),
    type,
    status,
    ...(reasonCode !== undefined && { reasonCode }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(remainingMs !== undefined && { remainingMs }),
    source: "store",
    label: profileId,
    access,
    isRefreshable,
    refresh,
    ...(hint !== undefined && { hint }),
  };
}

/** Of a login that has ended: why it cannot be refreshed, and what helps. */
function refreshHint(home: Home, { type, provider, status, refresh, profileId, importedFrom }: ProfileHealth): string | undefined {
  if (type !== "oauth" || status !== "expired") return undefined;
  if (importedFrom !== undefined) return `openclaw models auth import ${importedFrom}`;
  const login = `openclaw models auth login --provider ${provider} --profile-id ${profileId}`;
  if (refresh !== "none") return login;
  try {
    return oauthEndpoints(home.current, provider) ? login : `${provider} has no login that can be refreshed here`;
  } catch (error) {
    if (!(error instanceof HomeError)) throw error;
    return error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
  }
}

function providerEntry(home: Home, provider: string, health: readonly ProfileHealth[]): StatusReport["auth"]["oauth"]["providers"][number] {
  const own = health.filter((profile) => authProviderId(profile.provider) === authProviderId(provider));
  const { status, expiresAt, remainingMs } = providerHealth(own);
  return {
    provider,
    status,
    profiles: own.map((profile) => profileEntry(home, profile)),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(remainingMs !== undefined && { remainingMs }),
  };
}

function countOf(stored: readonly (readonly [string, AuthProfile])[], type: AuthProfile["type"]): number {
  return stored.filter(([, profile]) => profile.type === type).length;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted(compare);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
