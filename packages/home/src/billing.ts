import type { AuthProfile, ProfileBilling } from "@openclaw/auth-profiles";
import type { ProviderSpec } from "@openclaw/providers";
import type { BillingClass, Secret } from "@openclaw/secrets";

/** Who pays for a key from the environment or the configuration: the name of its variable or a public prefix says so. */
export function billingOfKey(spec: ProviderSpec, key: { readonly secret: Secret; readonly variable?: string }): BillingClass {
  if (spec.isLocal) return "local";
  const isSubscription = isSubscriptionSecret(spec, key.secret) || (spec.subscriptionVariables ?? []).some((name) => name === key.variable);
  return isSubscription ? "subscription" : "metered";
}

/** Who pays for a stored profile: logins and tokens belong to a flat plan, and so does a key that begins like one. */
function billingOfProfile(spec: ProviderSpec, profile: AuthProfile): BillingClass {
  if (spec.isLocal) return "local";
  if (profile.type !== "api_key") return "subscription";
  return profile.secret && isSubscriptionSecret(spec, profile.secret) ? "subscription" : "metered";
}

const billings = new WeakMap<ProviderSpec, ProfileBilling>();

/** Who pays for the stored profiles of a provider. The same function each time, for what was made with it is kept as long. */
export function profileBilling(spec: ProviderSpec): ProfileBilling {
  const known = billings.get(spec) ?? ((profile) => billingOfProfile(spec, profile));
  billings.set(spec, known);
  return known;
}

function isSubscriptionSecret(spec: ProviderSpec, secret: Secret): boolean {
  return (spec.subscriptionPrefixes ?? []).some((prefix) => secret.startsWith(prefix));
}
