import type { AuthProfile } from "@openclaw/auth-profiles";
import { ensureFingerprintSalt, recordProfile, type Home, type HomeSnapshot, type MetadataStamp } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import { formatSecretRef } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import { clearAccountCooldowns } from "./clear-cooldown.ts";
import { planNotices } from "./plan-notices.ts";

/** An account, and under which name it is stored. */
export interface StoreAccountOptions {
  readonly agentId: string | undefined;
  /** Under any of its names. */
  readonly provider: string;
  readonly profileId: string;
  /** What takes the place of what is stored under that id; `undefined` leaves everything as it was. Called while nobody else writes. */
  readonly profile: (stored: AuthProfile | undefined, provider: string) => AuthProfile | undefined;
  readonly stamp: MetadataStamp;
  readonly signal: AbortSignal;
}

/** What was stored. */
export interface StoredAccount {
  readonly agentId: string;
  readonly profileId: string;
  readonly provider: string;
  readonly profile: AuthProfile;
  /** The order the agent goes by does not name the profile, so requests leave it out. */
  readonly isLeftOutOfOrder: boolean;
  /** What had that id before, where its credential was another one. */
  readonly replaced: AuthProfile | undefined;
  /** The configured order that requests go by, where there is one of several accounts. */
  readonly order: readonly string[] | undefined;
  /** Why the cooldowns of that provider's accounts are still there, if they are. */
  readonly cooldownProblem: string | undefined;
}

/**
 * Stores an account for an agent and then says so in `openclaw.json`. What was remembered of failures of that
 * provider's accounts is forgotten: the person has done something about them.
 *
 * @returns `undefined` where nothing was to be stored.
 */
export async function storeAccount(home: HomeSnapshot, options: StoreAccountOptions): Promise<StoredAccount | undefined> {
  const { stamp, signal } = options;
  const provider = requireProvider(options.provider);
  const profileId = requireProfileId(options.profileId);
  const agent = home.agents.find(options.agentId);
  const shared = agent.id === "main" ? {} : (await home.agents.find("main").storage.read()).order;
  const stored = await agent.storage.update(
    (draft) => {
      const { profiles, order } = draft.store;
      const before = profiles.get(profileId);
      const profile = options.profile(before, provider);
      if (profile === undefined) return undefined;
      draft.put(profileId, profile);
      draft.clearUsage(provider);
      const ids = orderIn(order, provider) ?? orderIn(shared, provider);
      const replaced = before !== undefined && !holdSame(before, profile) ? before : undefined;
      return { profile, replaced, ownOrder: ids };
    },
    { signal },
  );
  if (stored === undefined) return undefined;
  // Before anything is shown by fingerprint, which would be another one once a gateway makes the salt.
  await ensureFingerprintSalt(home.paths.stateDir);
  const cooldownProblem = await endCooldowns(home, { agentId: options.agentId, provider, signal });
  const { ownOrder, ...facts } = stored;
  const { type: mode, email } = stored.profile;
  let order: readonly string[] | undefined;
  try {
    order = await recordProfile({ paths: home.paths, id: profileId, provider, mode, stamp, signal, ...(email !== undefined && { email }) });
  } catch (error) {
    if (error === signal.reason) throw error;
    const reason = error instanceof Error ? error.message : "unknown error";
    throw new CliError(
      `The account is stored as ${profileId}, but ${home.paths.display(home.paths.configPath)} does not say so: ${reason}`,
      "repair that and repeat the command",
    );
  }
  const isLeftOutOfOrder = ownOrder !== undefined && !ownOrder.includes(profileId);
  return {
    agentId: agent.id,
    profileId,
    provider,
    ...facts,
    isLeftOutOfOrder,
    cooldownProblem,
    order: ownOrder === undefined ? order : undefined,
  };
}

/** What is remembered of failures stands in two files. That the second cannot be changed takes nothing from the account. */
async function endCooldowns(home: HomeSnapshot, account: Parameters<typeof clearAccountCooldowns>[1]): Promise<string | undefined> {
  try {
    await clearAccountCooldowns(home, account);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error) || error === account.signal.reason) throw error;
    return error.message;
  }
}

/** Whether two profiles hold one and the same credential. */
function holdSame(left: AuthProfile, right: AuthProfile): boolean {
  if (left.type === "oauth" || right.type === "oauth") return left.type === right.type;
  if (left.ref !== undefined || right.ref !== undefined) {
    return left.ref !== undefined && right.ref !== undefined && formatSecretRef(left.ref) === formatSecretRef(right.ref);
  }
  return left.secret !== undefined && right.secret !== undefined && left.secret.equals(right.secret);
}

/** Longer ones cannot be read on a screen. */
const LONGEST_ID = 200;

/** The id of a provider. */
export function requireProvider(text: string): string {
  const provider = authProviderId(text);
  if (provider === "") throw new CliError("--provider is empty");
  if (provider.length > LONGEST_ID || /[\s\p{Cc}\p{Cf}:/\\]/u.test(provider) || Object.hasOwn(Object.prototype, provider)) {
    throw new CliError(`${JSON.stringify(text)} is no id of a provider`, "for example anthropic");
  }
  return provider;
}

/** The id of a profile: it stands in files, on the command line and behind an `@`. */
export function requireProfileId(id: string): string {
  const trimmed = id.trim();
  if (trimmed.length > LONGEST_ID)
    throw new CliError(`The id of a profile has at most ${LONGEST_ID} characters`, "for example anthropic:work");
  if (trimmed === "" || /[\s\p{Cc}\p{Cf}]/u.test(trimmed) || Object.hasOwn(Object.prototype, trimmed)) {
    throw new CliError(`"${id}" is no id of a profile`, "for example anthropic:work");
  }
  return trimmed;
}

/** What people and other programs said of an account, to be kept when its credential is replaced. Where that came from is not: it is ours now. */
export function keptLabels({ email, displayName, metadata = {} }: AuthProfile): Pick<AuthProfile, "email" | "displayName" | "metadata"> {
  const { importedFrom: _importedFrom, ...kept } = metadata;
  return {
    ...(email !== undefined && { email }),
    ...(displayName !== undefined && { displayName }),
    ...(Object.keys(kept).length > 0 && { metadata: kept }),
  };
}

/** What a person should know of an account that was stored: what it took the place of, and what requests make of it now. */
export async function noticesOf(home: Home, stored: StoredAccount): Promise<readonly string[]> {
  const { agentId, profileId, provider, replaced, isLeftOutOfOrder, cooldownProblem } = stored;
  const kinds = { api_key: "key", token: "token", oauth: "login" };
  return [
    ...(replaced === undefined || replaced.type === "oauth"
      ? []
      : [`The ${kinds[replaced.type]} that ${profileId} had before was replaced.`]),
    ...(isLeftOutOfOrder
      ? [`Warning: the order of agent ${agentId} for ${provider} does not name it, so it is not used; see openclaw models auth order set`]
      : []),
    ...(cooldownProblem === undefined ? [] : [`Warning: what cools down of ${provider} goes on to do so: ${cooldownProblem}`]),
    ...(await planNotices(home, { agentId, provider })),
  ];
}

function orderIn(order: Readonly<Record<string, readonly string[]>>, provider: string): readonly string[] | undefined {
  const lists = Object.entries(order).filter(([name]) => authProviderId(name) === provider);
  return lists.length === 0 ? undefined : lists.flatMap(([, ids]) => ids);
}
