import {
  EXPIRING_WITHIN_MS,
  providerHealth,
  type AuthProfile,
  type DropReason,
  type ProfileHealth,
  type ProfileSet,
} from "@openclaw/auth-profiles";
import {
  allKeys,
  type ConfigKey,
  configuredKey,
  cooldownsOf,
  createHomeHealth,
  credentialHint,
  environmentKeys,
  type Home,
  shellEnvSettings,
} from "@openclaw/home";
import type { Health, Plan } from "@openclaw/key-rotation";
import { authProviderId, normalizeProviderId, providerSpecs, type ProviderSpec } from "@openclaw/providers";
import type { BillingClass } from "@openclaw/secrets";
import { billingNotices } from "./billing-notices.ts";
import { loginHint } from "./login-hint.ts";
import type { StateProblem } from "./models-explain/known-health.ts";
import { profileLabel, maskedSecret, shownCredential } from "./profile-label.ts";
import { withStateNotes } from "./state-notes.ts";
import type { ProfileEntry, ProviderRow, StatusReport } from "./status-types.ts";
import { unusableProfiles } from "./unusable-profiles.ts";

export interface StatusQuery {
  /** The agent that `--agent` named. */
  readonly agentId?: string;
  readonly now: number;
  /** What is known of credentials; what the stores of the home remember unless given. */
  readonly health?: Health;
  /** What could not be read of it. */
  readonly problems?: readonly StateProblem[];
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
  const accounts = profiles.inspect();
  const health = query.health ?? createHomeHealth(home.current, { clock: { now: () => query.now } });
  const rows = listed.map((provider) =>
    providerRow(provider, { home, agentId: query.agentId, profiles, storePath: agent.storePath, now: query.now }),
  );
  const entries: EntryContext = { home, profiles, payers: payersOf(home, listed, query.agentId) };
  const resolved = settings.resolve(settings.defaultModel);

  return {
    at: query.now,
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
      cooldowns: cooldownsOf(health, { home: home.current, agentId: query.agentId, keys: allKeys(home.current), now: query.now }),
      pins: home.current.pins,
      billingCrossing: config.auth?.billingCrossing ?? "refuse",
      billingNotices: billingNotices(home.current, { agentId: query.agentId, health, now: query.now }),
      storeNotes: withStateNotes(
        home.current,
        [
          ...profiles.store.dropped.map(({ id, reason }) => ({
            profileId: id,
            code: reason,
            message: `profiles.${id} is no account and was passed over: ${dropReasons[reason]}`,
          })),
          ...profiles.store.diagnostics,
        ],
        query.problems ?? [],
      ),
      oauth: {
        warnAfterMs: EXPIRING_WITHIN_MS,
        profiles: accounts.map((profile) => profileEntry(profile, entries)),
        providers: listed.map((provider) => providerEntry(provider, accounts, entries)),
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
  const plan = planFor(home, provider, context.agentId);
  const payers = new Map(plan?.candidates.map(({ id, billing }) => [id, billing]));
  const stored = [...profiles.store.profiles].filter(([, profile]) => authProviderId(profile.provider) === authProviderId(provider));
  const keys = environmentKeys(home.current, provider);
  const first = keys[0];
  const env = first && {
    value: first.variable.includes("OAUTH_TOKEN") ? "OAuth (env)" : maskedSecret(first.secret, salt),
    source: `${home.current.env.layerOf(first.variable) === "shell env" ? "shell env" : "env"}: ${first.variable}`,
    layer: home.current.env.layerOf(first.variable) ?? "env",
    keys: keys.map(({ origin, secret }) => {
      const id = secret.fingerprint(salt);
      return { origin, value: maskedSecret(secret, salt), id, billing: payers.get(id) ?? "metered" };
    }),
  };
  const problem = home.current.providers.find(provider)?.problem;
  const modelsJson = modelsJsonOf(configuredKey(home.current, provider), salt);
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
    ...(plan?.strategy !== undefined && plan.strategy !== "ordered" && { strategy: plan.strategy }),
    excluded: plan?.excluded ?? [],
  };
}

/** Gemini's keys serve Vertex as well, but only Vertex's own variable says that somebody uses it. */
function isDetected(home: Home, spec: ProviderSpec): boolean {
  const keys = environmentKeys(home.current, spec.id);
  return spec.id === "google-vertex" ? keys.some((key) => spec.env.includes(key.variable)) : keys.length > 0;
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

interface EntryContext {
  readonly home: Home;
  readonly profiles: ProfileSet;
  /** Who pays, by profile. */
  readonly payers: ReadonlyMap<string, BillingClass>;
}

function profileEntry(health: ProfileHealth, { home, profiles, payers }: EntryContext): ProfileEntry {
  const hint = health.hint ?? loginHint(home.current, health);
  const { profileId, provider, type, status, reasonCode, expiresAt, remainingMs, access, refresh, isRefreshable } = health;
  const profile = profiles.store.profiles.get(profileId);
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
    value: profile ? shownCredential(profile, home.current.salt) : "missing",
    billing: payers.get(profileId) ?? (type === "api_key" ? "metered" : "subscription"),
    access,
    isRefreshable,
    refresh,
    ...(hint !== undefined && { hint }),
  };
}

/** As the plans of requests know it. */
function payersOf(home: Home, providers: readonly string[], agentId: string | undefined): ReadonlyMap<string, BillingClass> {
  const plans = providers.map((provider) => planFor(home, provider, agentId));
  const named = plans.flatMap((plan) => [...(plan?.excluded ?? []), ...(plan?.candidates ?? [])]);
  return new Map(named.flatMap(({ id, billing }) => (billing === undefined ? [] : [[id, billing]])));
}

function providerEntry(
  provider: string,
  accounts: readonly ProfileHealth[],
  context: EntryContext,
): StatusReport["auth"]["oauth"]["providers"][number] {
  const own = accounts.filter((profile) => authProviderId(profile.provider) === authProviderId(provider));
  const { status, expiresAt, remainingMs } = providerHealth(own);
  return {
    provider,
    status,
    profiles: own.map((profile) => profileEntry(profile, context)),
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
