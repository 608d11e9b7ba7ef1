import type { Failure, Plan } from "@openclaw/key-rotation";
import type { HomeSnapshot } from "@openclaw/home";
import type { Candidate, Redactor, ReloadReport } from "@openclaw/secrets";
import type { GatewayEvent, RequestEnded } from "./context.ts";
import { credentialFingerprint } from "./credential-fingerprint.ts";

/** An event as the admin API tells it: plain data. */
export type EventView = RequestEnded | { readonly type: GatewayEvent["type"]; readonly [field: string]: unknown };

/** What views are made with. */
export interface EventViewTools {
  readonly home: HomeSnapshot;
  readonly redactor: Redactor;
  /** Those of candidates, each made once. */
  readonly fingerprints: WeakMap<object, string>;
}

/**
 * Makes an event plain. Of candidates, plans, failures and reports the view says what is listed here; of the rest, texts,
 * numbers and lists of texts are taken over, and nothing that is an object.
 */
export function eventView(event: GatewayEvent, tools: EventViewTools): EventView {
  if (event.type === "request") return event;
  if (event.type === "account-state") return { ...plain(event.event, tools), type: event.type };
  if (event.type === "internal") return { ...plain(event, tools), type: event.type, message: tools.redactor.text(event.error.message) };
  return {
    ...plain(event, tools),
    type: event.type,
    ...("plan" in event && planView(event.plan)),
    ...("candidate" in event && { credential: candidateView(event.candidate, tools) }),
    ...(event.type === "rotated" && { from: candidateView(event.from, tools), to: candidateView(event.to, tools) }),
    ...("failure" in event && { failure: failureView(event.failure, tools) }),
    ...("report" in event && reportView(event.report, tools)),
  };
}

function plain(from: object, { redactor }: EventViewTools): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(from).flatMap(([name, value]: readonly [string, unknown]): [string, unknown][] => {
      if (typeof value === "string") return [[name, redactor.text(value)]];
      if (typeof value === "number" || typeof value === "boolean") return [[name, value]];
      if (!Array.isArray(value) || !value.every((each) => typeof each === "string")) return [];
      return [[name, value.map((each: string) => redactor.text(each))]];
    }),
  );
}

function planView({ provider, model }: Plan): object {
  return { provider, ...(model !== undefined && { model }) };
}

function candidateView(candidate: Candidate, { home, fingerprints }: EventViewTools): object {
  const known = fingerprints.get(candidate) ?? credentialFingerprint(home, candidate);
  fingerprints.set(candidate, known);
  const { id, provider, origin, billing } = candidate;
  return { id, fingerprint: known, provider, origin, billing };
}

function failureView(failure: Failure, { redactor }: EventViewTools): object {
  const { class: kind, scope, rule, status, providerCode, retryAt } = failure;
  return {
    class: kind,
    scope,
    rule,
    ...(status !== undefined && { status }),
    ...(providerCode !== undefined && { providerCode: redactor.text(providerCode) }),
    ...(retryAt !== undefined && { retryAt }),
  };
}

function reportView({ outcome, generation, changed, failures, diagnostics }: ReloadReport, { redactor }: EventViewTools): object {
  return {
    outcome,
    generation,
    changed,
    failures: failures.map(({ path, code, error }) => ({ path, code, message: redactor.text(error.message) })),
    diagnostics: diagnostics.map(({ code, message }) => ({ code, message: redactor.text(message) })),
  };
}
