import { currentWindow, type AuthProfile, type AuthStore } from "@openclaw/auth-profiles";
import { publicPrefix } from "@openclaw/providers";
import type { Secret, SecretRef } from "@openclaw/secrets";
import { formatRemaining } from "./render/duration.ts";

/** A secret as output may show it: the public prefix of its kind and a fingerprint. None of its own characters. */
export function maskedSecret(secret: Secret, salt: Uint8Array): string {
  return `${publicPrefix(secret)}${secret.fingerprint(salt)}`;
}

/** One profile in a word: `anthropic:work=sk-ant-api03-#1a2b3c4d [cooldown 5m]`. */
export function profileLabel(
  id: string,
  profile: AuthProfile,
  store: AuthStore,
  options: { readonly salt: Uint8Array; readonly now: number },
): string {
  const window = currentWindow(store.usage.get(id), options.now);
  const remaining = window && formatRemaining(window.until - options.now);
  const suffix = !window ? "" : window.kind === "disabled" ? ` [disabled:${window.reason} ${remaining}]` : ` [cooldown ${remaining}]`;
  return `${id}=${shownCredential(profile, options.salt)}${suffix}`;
}

/** The credential of a profile as output may show it. */
export function shownCredential(profile: AuthProfile, salt: Uint8Array): string {
  if (profile.type === "oauth") return profile.email === undefined ? "OAuth" : `OAuth (${profile.email})`;
  const prefix = profile.type === "token" ? "token:" : "";
  if (profile.ref) return `${prefix}${refLabel(profile.ref)}`;
  return `${prefix}${profile.secret ? maskedSecret(profile.secret, salt) : "missing"}`;
}

/** The alias is left out: it says where to look, the id says for what. */
function refLabel(ref: SecretRef): string {
  return `ref(${ref.source}:${ref.id})`;
}
