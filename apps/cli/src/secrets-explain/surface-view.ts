import type { HomeSnapshot } from "@openclaw/home";
import { formatSecretRef, type Secret, type SecretRef } from "@openclaw/secrets";
import { maskedSecret } from "../profile-label.ts";
import type { SourceView, SurfaceView } from "./explanation.ts";
import type { SurfaceFact } from "./fact.ts";
import type { Measurements } from "./measure.ts";

/** How a place stands, from what is written there and what its source answered. */
export function surfaceView(fact: SurfaceFact, home: HomeSnapshot, measured: Measurements, now: number): SurfaceView {
  const { path, holds, ref, shadowed, inactive, problem } = fact;
  const name = ref && formatSecretRef(ref);
  const base = {
    path,
    holds,
    source: ref ? sourceOf(ref, home) : storedIn(fact.file),
    ...(name !== undefined && { ref: name }),
    ...(shadowed !== undefined && { shadowed }),
    ...(fact.expiresAt !== undefined && { expiresAt: fact.expiresAt }),
  };
  if (inactive !== undefined) return { ...base, state: "inactive", reason: inactive };
  if (problem) return { ...base, state: "cold", ...maskOf(fact.secret, home), ...withoutUndefined(problem) };
  if (!ref || name === undefined) return { ...base, state: holds === "nothing" ? "absent" : "live", ...maskOf(fact.secret, home) };

  const found = measured.get(name);
  const durationMs = found?.durationMs ?? null;
  if (!found || found.outcome.status === "skipped") {
    return { ...base, state: "skipped", durationMs, hint: "a command says what it is: --allow-exec runs it" };
  }
  if (found.outcome.status === "failed") {
    const { code, message, hint } = found.outcome.error;
    return { ...base, state: "cold", durationMs, ...withoutUndefined({ code, message, hint }) };
  }
  const { secret, expiresAt } = found.outcome;
  return { ...base, state: "live", ...maskOf(secret, home), resolvedAt: now, durationMs, ...(expiresAt !== undefined && { expiresAt }) };
}

function storedIn(file: string): SourceView {
  return { source: "stored", file };
}

/** Where a reference leads. The arguments of a command are left out: they are nobody's business. */
function sourceOf({ source, provider, id }: SecretRef, { config, env, paths }: HomeSnapshot): SourceView {
  const providers = config.secrets?.providers ?? {};
  const entry = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
  if (source === "env" && (entry?.source === "env" || (entry === undefined && provider === "default"))) {
    const layer = env.layerOf(id);
    return { source, provider, variable: id, ...(layer !== undefined && { layer }) };
  }
  if (source === "file" && entry?.source === "file") {
    return { source, provider, file: paths.absolute(entry.path), ...(entry.mode !== "singleValue" && { pointer: id }) };
  }
  if (source === "exec" && entry?.source === "exec") return { source, provider, command: entry.command, id };
  return { source: "unknown", provider };
}

function maskOf(secret: Secret | undefined, { salt }: HomeSnapshot): Pick<SurfaceView, "value"> {
  return secret ? { value: maskedSecret(secret, salt) } : {};
}

function withoutUndefined({
  code,
  message,
  hint,
}: {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}): Pick<SurfaceView, "code" | "message" | "hint"> {
  return { code, message, ...(hint !== undefined && { hint }) };
}
