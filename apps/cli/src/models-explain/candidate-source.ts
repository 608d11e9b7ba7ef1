import type { Candidate } from "@openclaw/secrets";
import type { CredentialContext } from "./credential-state.ts";
import type { CredentialSource, ExplainedCandidate } from "./explanation.ts";

/** What kind of place a candidate comes from. */
export function viaOf({ via, id, provider, origin }: Pick<Candidate, "via" | "id" | "provider" | "origin">): ExplainedCandidate["via"] {
  if (via === "profile") return "profile";
  if (id === `${provider}:none`) return "none";
  return origin.startsWith("models.providers.") ? "config" : "env";
}

/** The file or the layer of the environment that a candidate comes from. */
export function sourceOf(candidate: Candidate, reference: string | undefined, { home, profiles }: CredentialContext): CredentialSource {
  const via = viaOf(candidate);
  const from = reference === undefined ? {} : { reference };
  if (via === "none") return { kind: "none" };
  if (via === "config") return { kind: "config", path: home.paths.configPath, ...from };
  if (via === "profile") return { kind: "store", path: candidate.store ?? profiles.storeOf(candidate.id) ?? "", ...from };
  const variable = candidate.origin.replace(/\[\d+\]$/u, "");
  return { kind: "env", variable, layer: home.env.layerOf(variable) ?? "env" };
}
