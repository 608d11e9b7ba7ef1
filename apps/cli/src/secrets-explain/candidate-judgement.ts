import { currentWindow, type ProfileSet } from "@openclaw/auth-profiles";
import { readConfigKey, type HomeProvider, type HomeSnapshot } from "@openclaw/home";
import { formatSecretRef, type Candidate, type Secret, type SecretRef } from "@openclaw/secrets";
import { maskedSecret } from "../profile-label.ts";
import type { Measurements } from "./measure.ts";

/** What came of trying out a credential, without a request. */
export interface Judgement {
  readonly kind: "usable" | "unknown" | "unusable";
  readonly because: string;
  readonly value?: string;
  readonly code?: string;
  readonly hint?: string;
  readonly expiresAt?: number;
  readonly coolingUntil?: number;
}

export interface JudgementContext {
  readonly home: HomeSnapshot;
  readonly provider: HomeProvider;
  readonly profiles: ProfileSet;
  readonly measured: Measurements;
  readonly now: number;
}

const NOT_RUN: Judgement = {
  kind: "unknown",
  because: "a command says whether there is a key, and was not run",
  hint: "--allow-exec runs it",
};

/** Resolves a credential as a request would, except that a command's answer is taken from what was measured. */
export async function judgeCandidate(candidate: Candidate, context: JudgementContext): Promise<Judgement> {
  const { home, profiles, measured, now } = context;
  const window = currentWindow(profiles.store.usage.get(candidate.id), now);
  const cooling = window && { coolingUntil: window.until };
  const usable = (secret: Secret | undefined, expiresAt?: number): Judgement => ({
    kind: "usable",
    because: "",
    ...cooling,
    ...(secret && { value: maskedSecret(secret, home.salt) }),
    ...(expiresAt !== undefined && { expiresAt }),
  });
  const unseen = unseenRef(candidate, context);
  if (unseen) {
    const outcome = measured.get(formatSecretRef(unseen))?.outcome;
    if (outcome?.status === "resolved") return usable(outcome.secret, outcome.expiresAt);
    return outcome?.status === "failed" ? broken(outcome.error) : { ...NOT_RUN, ...cooling };
  }
  try {
    const credential = await candidate.resolve({});
    const secret = "secret" in credential ? credential.secret : undefined;
    return usable(secret, "expiresAt" in credential ? credential.expiresAt : undefined);
  } catch (error) {
    return broken(error);
  }
}

/** The reference to a command behind a credential, which the home was opened not to run. */
function unseenRef({ profileId, origin }: Candidate, { home, provider, profiles }: JudgementContext): SecretRef | undefined {
  const { env, lookUp, config } = home;
  if (profileId !== undefined) {
    const profile = profiles.store.profiles.get(profileId);
    if (!profile || profile.type === "oauth" || !profile.ref) return undefined;
    return lookUp.outcomeOf(profile.ref)?.status === "skipped" ? profile.ref : undefined;
  }
  const key = readConfigKey(provider.spec.id, provider.config?.apiKey, env, lookUp, config.secrets?.defaults ?? {});
  return key.kind === "skipped" && key.origin === origin ? key.ref : undefined;
}

function broken(error: unknown): Judgement {
  if (!(error instanceof Error)) throw error;
  const { code, hint } = { code: undefined, hint: undefined, ...error };
  // The cause says more: which variable, file or pointer. Neither holds a value.
  const { cause } = error;
  const detail = cause instanceof Error && cause.name === "SecretsError" ? `: ${cause.message}` : "";
  const because = `${error.message.replace(/\.$/u, "")}${detail}`;
  return {
    kind: "unusable",
    because: because.replace(/\.$/u, ""),
    ...(typeof code === "string" && { code }),
    ...(typeof hint === "string" && { hint }),
  };
}
