import type { OAuthEndpoints, OAuthProfile } from "@openclaw/auth-profiles";
import {
  isSecretRefLike,
  parseSecretRef,
  readSecretValue,
  SecretsError,
  type ActiveOutcome,
  type Secret,
  type SecretRef,
} from "@openclaw/secrets";
import { HomeError } from "./errors.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/** What of a home decides where people log in. */
type LoginSources = Pick<HomeSnapshot, "config" | "env" | "providers" | "lookUp">;

/**
 * Where a provider logs people in and as which client: `models.providers.<id>.oauth`, on top of what is known of the
 * provider; without a `clientId` there, the variables that vendors and OpenClaw use for it. A stored login
 * (`profile`) goes on with the client it was made with, because its refresh token belongs to that one.
 *
 * @returns undefined where a provider has no login of this kind.
 * @throws {HomeError} `oauth-unconfigured`, naming what is missing.
 */
export function oauthEndpoints(
  sources: LoginSources,
  provider: string,
  profile?: Pick<OAuthProfile, "clientId">,
): OAuthEndpoints | undefined {
  const found = sources.providers.find(provider);
  if (!found) return undefined;
  const { id } = found.spec;
  const { clientId: ownClient, clientSecret: ownSecret, ...own } = found.config?.oauth ?? {};
  const { clientIdVariables = [], clientSecretVariables = [], ...known } = found.spec.oauth ?? {};
  // Its own address for tokens is another login altogether: nothing of the known one belongs to it.
  const facts = own.tokenUrl === undefined ? { ...known, ...own } : own;
  const { tokenUrl } = facts;
  if (tokenUrl === undefined) return undefined;

  const configured = ownClient ?? fromVariables(sources, clientIdVariables);
  const clientId = profile?.clientId ?? configured;
  if (clientId === undefined) {
    const variables = clientIdVariables.length === 0 ? "" : `, or the variable ${clientIdVariables[0]}`;
    throw new HomeError("oauth-unconfigured", `There is no OAuth client id for ${id}`, {
      hint: `set models.providers.${id}.oauth.clientId${variables}`,
    });
  }
  // A secret is that of its client and of no other.
  const clientSecret = clientId === configured ? secretOf(sources, id, ownSecret, clientSecretVariables) : undefined;
  return Object.freeze({ provider: id, ...facts, tokenUrl, clientId, ...(clientSecret && { clientSecret }) });
}

/**
 * {@link oauthEndpoints} for a home that was opened to be looked at, so that its commands were not run: of its
 * references only the client secret of this provider is resolved.
 *
 * @throws what {@link oauthEndpoints} throws; the signal's reason as it came.
 */
export async function resolveOAuthEndpoints(
  snapshot: LoginSources & Pick<HomeSnapshot, "resolver">,
  provider: string,
  signal?: AbortSignal,
): Promise<OAuthEndpoints | undefined> {
  const ref = clientSecretRef(snapshot, provider);
  if (ref === undefined) return oauthEndpoints(snapshot, provider);
  const outcomes = await snapshot.resolver.resolveAll([ref], signal === undefined ? {} : { signal });
  const [outcome] = outcomes.values();
  return oauthEndpoints({ ...snapshot, lookUp: { outcomeOf: () => outcome } }, provider);
}

function clientSecretRef({ config, providers }: LoginSources, provider: string): SecretRef | undefined {
  const value = providers.find(provider)?.config?.oauth?.clientSecret;
  return isSecretRefLike(value) ? parseSecretRef(value, config.secrets?.defaults ?? {}) : undefined;
}

function secretOf(sources: LoginSources, id: string, value: unknown, variables: readonly string[]): Secret | undefined {
  const place = `models.providers.${id}.oauth.clientSecret`;
  try {
    if (value === undefined) {
      const text = fromVariables(sources, variables);
      return text === undefined ? undefined : readSecretValue(text, variables.join(" or "));
    }
    const ref = clientSecretRef(sources, id);
    if (ref === undefined) return readSecretValue(typeof value === "string" ? value : "", place);
    const outcome = sources.lookUp.outcomeOf(ref);
    if (outcome?.status === "resolved") return outcome.secret;
    throw new HomeError("oauth-unconfigured", `${place}: ${whyNot(outcome)}`, { hint: `openclaw secrets explain ${place}` });
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw new HomeError("oauth-unconfigured", `${place}: ${error.message}`, {
      cause: error,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}

function whyNot(outcome: ActiveOutcome | undefined): string {
  return outcome?.status === "failed" ? outcome.error.message : "its reference was not resolved";
}

function fromVariables({ env }: LoginSources, variables: readonly string[]): string | undefined {
  return variables.map((name) => env.values[name]?.trim()).find((value) => value !== undefined && value !== "");
}
