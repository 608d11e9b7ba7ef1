import { keyVariables } from "@openclaw/key-rotation";
import { authProviderId, type ProviderSpec } from "@openclaw/providers";

/** What to type so that a provider has a credential. Names only variables that are read. */
export function credentialHint(spec: ProviderSpec): string {
  if (!spec.authKinds.includes("api_key")) return `add a profile of ${spec.id} to auth-profiles.json`;
  const variable = spec.env.find((name) => name.endsWith("_API_KEY")) ?? keyVariables(authProviderId(spec.id)).primary;
  return `set ${variable} in the environment or in .env of the state folder`;
}
