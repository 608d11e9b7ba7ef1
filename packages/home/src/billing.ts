import type { AuthProfile } from "@openclaw/auth-profiles";
import type { ProviderSpec } from "@openclaw/providers";
import type { BillingClass, Secret } from "@openclaw/secrets";

/** Who pays for a key from the environment or the configuration: the name of its variable or a public prefix says so. */
export function billingOfKey(spec: ProviderSpec, key: { readonly secret: Secret; readonly variable?: string }): BillingClass {
  if (spec.isLocal) return "local";
  const isSubscription = isSubscriptionSecret(spec, key.secret) || (spec.subscriptionVariables ?? []).some((name) => name === key.variable);
  return isSubscription ? "subscription" : "metered";
}

/** Who pays for a stored profile: logins and tokens belong to a flat plan, and so does a key that begins like one. */
export function billingOfProfile(spec: ProviderSpec, profile: AuthProfile): BillingClass {
  if (spec.isLocal) return "local";
  if (profile.type !== "api_key") return "subscription";
  return profile.secret && isSubscriptionSecret(spec, profile.secret) ? "subscription" : "metered";
}

function isSubscriptionSecret(spec: ProviderSpec, secret: Secret): boolean {
  return (spec.subscriptionPrefixes ?? []).some((prefix) => secret.startsWith(prefix));
}
