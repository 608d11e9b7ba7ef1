import { AuthProfileError } from "@openclaw/auth-profiles";
import { envKeys, keyVariables, type EnvKey, type Plan } from "@openclaw/key-rotation";
import { authProviderId } from "@openclaw/providers";
import { configuredKey } from "@openclaw/home";
import { leftOutReasons } from "../left-out-reasons.ts";
import { credentialState, type CredentialContext } from "./credential-state.ts";
import type { LeftOutCredential, StreamEnd } from "./explanation.ts";

const beyond = {
  pin: "beyond_pin",
  order_store: "beyond_order",
  order_config: "beyond_order",
  live_key: "beyond_live_key",
  // What is not in a stream that nothing ends is in it under another name.
  spent: "same_key",
} as const;

interface Known {
  readonly id: string;
  readonly origin: string;
  readonly profileId?: string;
  /** Why it cannot be had, where that is known already. */
  readonly problem?: string;
}

/** What is looked for in what there is. */
export interface LeftOutContext extends CredentialContext {
  /** A pin that cannot be used: the explanation begins with it. */
  readonly unusablePin: string | undefined;
}

/** What a plan leaves out, with its reasons; then what is there and comes after its end. */
export function leftOut(plan: Plan, end: StreamEnd, context: LeftOutContext): readonly LeftOutCredential[] {
  const known = knownCredentials(context).filter(({ id }) => id !== context.unusablePin);
  const excluded = plan.excluded.map(({ id, reason, billing }) => {
    const found = known.find((each) => each.id === id) ?? { id, origin: `profile ${id}`, profileId: id };
    return { ...viewOf(found, reason, context), ...(billing !== undefined && { billing }) };
  });
  const seen = new Set([...plan.candidates, ...plan.excluded].map(({ id }) => id));
  const tried = new Map(plan.candidates.map(({ id, origin }) => [id, origin]));
  const isTwin = ({ id, origin }: Known) => end.code === "spent" && tried.has(id) && tried.get(id) !== origin;
  const others = known.filter((each) => !seen.has(each.id) || isTwin(each));
  return [...excluded, ...others.map((each) => viewOf(each, beyond[end.code], context))];
}

/** Everything there is of a provider, whether a plan has it or not. */
function knownCredentials({ home, profiles, provider }: CredentialContext): readonly Known[] {
  const wanted = authProviderId(provider);
  const stored = [...profiles.store.profiles].filter(([, profile]) => authProviderId(profile.provider) === wanted).map(([id]) => id);
  const named = ({ secret, origin }: Pick<EnvKey, "secret" | "origin">): Known => ({ id: secret.fingerprint(home.salt), origin });
  const key = configuredKey(home, provider);
  return [
    ...stored.map((id) => ({ id, origin: `profile ${id}`, profileId: id })),
    ...environment({ home, provider }).map(named),
    ...(key.kind === "key" ? [named(key)] : []),
    ...(key.kind === "skipped" ? [{ id: key.origin, origin: key.origin }] : []),
    ...(key.kind === "unresolved" ? [{ id: key.origin, origin: key.origin, problem: key.message }] : []),
  ];
}

/** The environment's keys, those behind a live key too. */
function environment({ home, provider }: Pick<CredentialContext, "home" | "provider">): readonly EnvKey[] {
  const id = authProviderId(provider);
  const { live } = keyVariables(id);
  const variables = home.providers.find(provider)?.spec.env ?? [];
  const others = Object.fromEntries(Object.entries(home.env.values).filter(([name]) => name !== live));
  const keys = [home.env.values, others].flatMap((values) => envKeys(values, id, { variables }));
  return [...new Map(keys.map((key) => [key.origin, key])).values()];
}

function viewOf({ id, origin, profileId, problem }: Known, reasonCode: string, context: CredentialContext): LeftOutCredential {
  const { value, hint } = credentialState({ origin, ...(profileId !== undefined && { profileId }) }, context);
  const help = problem ?? hint ?? (profileId !== undefined && broken.has(reasonCode) ? repairOf(profileId, context) : undefined);
  return {
    id,
    origin,
    reasonCode,
    because: leftOutReasons[reasonCode] ?? reasonCode,
    ...(value !== undefined && { value }),
    ...(help !== undefined && { hint: help }),
  };
}

/** Reasons that a person can do something about at the credential itself. */
const broken: ReadonlySet<string> = new Set(["expired", "missing_credential", "invalid_expires", "mode_mismatch"]);

/** What whoever pinned it would be told to do. */
function repairOf(id: string, { profiles, provider }: CredentialContext): string | undefined {
  try {
    profiles.candidates({ provider, hosts: [], profileId: id });
    return undefined;
  } catch (error) {
    if (!(error instanceof AuthProfileError)) throw error;
    return error.code === "profile-not-found" ? undefined : error.hint;
  }
}
