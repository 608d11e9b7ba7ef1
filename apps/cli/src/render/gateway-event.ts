import type { GatewayEvent } from "@openclaw/gateway";
import type { ProfileChanges } from "@openclaw/home";
import type { Failure } from "@openclaw/key-rotation";
import type { Candidate, ReloadReport } from "@openclaw/secrets";
import { printable } from "../io.ts";
import { renderAuthEvent } from "./auth-watch.ts";
import { formatMoment, formatSpan } from "./span.ts";

const MOST_LISTED = 20;

/** What a person wants to see of a gateway: not each request. */
export type ShownEvent = Exclude<GatewayEvent, { readonly type: "request" }>;

/** One event of the gateway on one line. Names credentials by origin and fingerprint. */
export function renderGatewayEvent(event: ShownEvent, at: Date): string {
  return `${at.toTimeString().slice(0, 8)} ${describeGatewayEvent(event, at)}`;
}

/** The same without the time. */
export function describeGatewayEvent(event: ShownEvent, at: Date): string {
  return printable(describe(event, at));
}

function describe(event: ShownEvent, at: Date): string {
  if (event.type === "internal") return `internal error: ${event.error.stack ?? event.error.message}`;
  if (event.type === "refused") {
    const who = event.client === undefined ? "" : `, client ${event.client}`;
    return `refused with ${event.status} ${event.code}${who}: ${event.message}`;
  }
  if (event.type === "fallback") return `fallback ${event.from} -> ${event.to} (${event.reason})`;
  if (event.type === "fallback-skipped") return `the fallback ${event.to} of ${event.from} is passed over: ${event.reason}`;
  if (event.type === "answer-cut") return `the answer of ${event.model} with ${nameOf(event.candidate)} broke off in the middle`;
  if (event.type === "client-gone") return `the client left before the answer of ${event.model} was whole`;
  if (event.type === "billing-crossing") return describeCrossing(event);
  if (event.type === "secrets") return describeSecrets(event);
  if (event.type === "admin-change") return `${event.by} over the API: ${event.what}`;
  if (event.type === "accounts") return `accounts changed: ${describeChanges(event)}`;
  if (event.type === "account-state") return renderAuthEvent(event.event);
  if (event.type === "reload-failed") return `the changed files were not taken over: ${withHint(event)}`;
  if (event.type === "cooldowns-not-kept") return `cooldowns are not kept: ${withHint(event)}`;
  if (event.type === "cooldowns-kept") return `cooldowns are kept again in ${event.path}`;
  if (event.type === "sessions-not-kept") return `the pins of sessions are not kept: ${withHint(event)}`;
  if (event.type === "sessions-kept") return `the pins of sessions are kept again in ${event.path}`;
  if (event.type === "reload-recovered") return "the changed files were taken over";
  if (event.type === "clients") return `tokens changed: ${describeClients(event)}`;
  if (event.type === "wrong-tokens") return `wrong tokens keep coming from ${event.source}: it has to wait between them`;
  if (event.type === "overloaded") return `requests are refused: ${reasonsToRefuse[event.reason]} (gateway.limits)`;
  if (event.type === "overload-over") return `requests are taken again; ${event.refused} were refused`;
  if (event.type === "login-refreshed") return `login ${nameOfLogin(event)} refreshed`;
  if (event.type === "login-failing") return `login ${nameOfLogin(event)} is not refreshed (${event.code}): ${withHint(event)}`;
  const { provider, model } = event.plan;
  const name = model === undefined ? provider : `${provider}/${model}`;
  switch (event.type) {
    case "waited":
      return `waited ${name} ${event.durationMs} ms for a credential to recover`;
    case "failed":
      return `failed ${name} with ${nameOf(event.candidate)}: ${reasonOf(event.failure, at)}`;
    case "cooling": {
      const now = at.getTime();
      const span = formatSpan(event.until - now);
      return `${nameOf(event.candidate)} is left alone for ${span}, until ${formatMoment(event.until, now)} (${event.reason})`;
    }
    case "renewed":
      return `renewed ${name}: ${nameOf(event.candidate)}`;
    case "rotated":
      return `rotated ${name}: ${nameOf(event.from)} -> ${nameOf(event.to)}`;
  }
}

function describeCrossing({ from, to, asked, answered, candidate }: GatewayEvent & { readonly type: "billing-crossing" }): string {
  const by = answered === asked ? nameOf(candidate) : `${answered} with ${nameOf(candidate)}`;
  return `billing ${asked}: ${from} -> ${to}, answered by ${by}`;
}

function nameOfLogin({ profileId, agentId }: { readonly profileId: string; readonly agentId: string }): string {
  return `${profileId} (agent ${agentId})`;
}

function describeChanges({ added, removed, replaced }: ProfileChanges): string {
  const named = Object.entries({ new: added, "with another credential": replaced, gone: removed });
  return named.flatMap(([what, ids]) => (ids.length === 0 ? [] : [`${what}: ${ids.join(", ")}`])).join("; ");
}

const reasonsToRefuse = {
  requests: "as many are under way as may be",
  "held-bodies": "the bodies of those under way take as much memory as they may",
  "event-loop": "this process does not keep up",
  connections: "there are as many connections as may be",
} as const;

function describeClients({ ended, ...changes }: GatewayEvent & { readonly type: "clients" }): string {
  const { added, removed, replaced } = changes;
  const named = Object.entries({ new: added, "another token": replaced, gone: removed });
  const listed = named.flatMap(([what, names]) => (names.length === 0 ? [] : [`${what}: ${names.join(", ")}`]));
  const cut = ended === 0 ? [] : [`${ended} ${ended === 1 ? "answer" : "answers"} under way ended`];
  return [...listed, ...cut].join("; ");
}

function withHint({ message, hint }: { readonly message: string; readonly hint?: string }): string {
  return hint === undefined ? message : `${message.replace(/\.$/u, "")}; ${hint}`;
}

function describeSecrets({ read, report, config, env }: GatewayEvent & { readonly type: "secrets" }): string {
  const places = { "changed in openclaw.json": config, "changed variables": env };
  const changed = Object.entries(places).flatMap(([what, names]) => (names.length === 0 ? [] : [`${what}: ${listed(names)}`]));
  const diagnostics = report.diagnostics.map(({ code, message }) => `${code}: ${message}`);
  return [describeReload(read, report, changed.length > 0), ...changed, ...diagnostics].join("; ");
}

function describeReload(read: string, { outcome, generation, changed, failures }: ReloadReport, hasSettings: boolean): string {
  if (outcome === "kept") {
    const named = failures.map(
      ({ path, error: { message, hint } }) => `${path}: ${withHint({ message, hint: hint ?? `openclaw secrets explain ${path}` })}`,
    );
    return [read === "home" ? "nothing was taken over, everything stays as it was" : "secrets kept as they were", ...named].join("; ");
  }
  if (changed.length > 0) return `secrets reloaded (generation ${generation}), changed: ${listed(changed)}`;
  if (hasSettings) return `${read} read again (generation ${generation})`;
  const what = read === "home" ? "settings and secrets are as they were" : "no secret changed";
  return `${read} read again, ${what} (generation ${generation})`;
}

function listed(names: readonly string[]): string {
  const more = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : "";
  return `${names.slice(0, MOST_LISTED).join(", ")}${more}`;
}

function reasonOf(failure: Failure, at: Date): string {
  const status = failure.status === undefined ? "" : ` ${failure.status}`;
  const retry =
    failure.retryAt === undefined ? "" : `, the provider says to retry in ${formatSpan(Math.max(1, failure.retryAt - at.getTime()))}`;
  const { class: kind, providerCode = "" } = failure;
  if (kind === "timeout" && failure.status === undefined && unreachable.has(providerCode)) return `unreachable (${providerCode})`;
  return `${kind}${status}${retry} (rule ${failure.rule})`;
}

/** With these no connection was made. Rotation takes them for timeouts, since both pass; who mends a base URL or a network does not. */
const unreachable: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** A profile's id says more than a fingerprint; a key's id is its fingerprint. */
function nameOf(candidate: Candidate): string {
  return candidate.profileId === undefined ? `${candidate.origin} ${candidate.id}` : candidate.origin;
}
