import type { GatewayEvent } from "@openclaw/gateway";
import type { Candidate } from "@openclaw/secrets";
import { printable } from "../io.ts";

/** One event of the gateway on one line. Names credentials by origin and fingerprint. */
export function renderGatewayEvent(event: GatewayEvent, at: Date): string {
  return printable(`${at.toTimeString().slice(0, 8)} ${describe(event, at)}`);
}

function describe(event: GatewayEvent, at: Date): string {
  if (event.type === "fallback") return `fallback ${event.from} -> ${event.to} (${event.reason})`;
  const model = event.plan.model === undefined ? event.plan.provider : `${event.plan.provider}/${event.plan.model}`;
  if (event.type === "waited") return `waited ${model} for ${event.durationMs} ms until a credential recovered`;
  const { failure } = event;
  const status = failure.status === undefined ? "" : ` ${failure.status}`;
  const retry = failure.retryAt === undefined ? "" : `, retry in ${Math.max(1, Math.ceil((failure.retryAt - at.getTime()) / 1000))} s`;
  const why = `${failure.class}${status}${retry}`;
  if (event.type === "failed") return `failed ${model}: ${nameOf(event.candidate)} (${why}, rule ${failure.rule})`;
  return `rotated ${model}: ${nameOf(event.from)} (${why}) -> ${nameOf(event.to)}`;
}

/** A profile's id says more than a fingerprint; a key's id is its fingerprint. */
function nameOf(candidate: Candidate): string {
  return candidate.profileId === undefined ? `${candidate.origin} ${candidate.id}` : candidate.origin;
}
