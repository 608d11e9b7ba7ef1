import type { HomeSnapshot } from "@openclaw/home";
import { recoveryHeaders } from "@openclaw/providers";
import type { Candidate } from "@openclaw/secrets";
import type { Answered, ModelOutcome } from "./ask-model.ts";
import type { Call } from "./call.ts";
import type { Caller } from "./caller.ts";
import type { GatewayContext } from "./context.ts";
import { credentialFingerprint } from "./credential-fingerprint.ts";
import type { HeaderChanges } from "./forwarded-headers.ts";

/** Of whom an answer came, and for whom it is. */
export interface Service {
  readonly outcome: Answered;
  /** Of every model, in the order in which they were asked. */
  readonly asked: readonly ModelOutcome[];
  readonly caller: Caller;
  readonly record: Call["record"];
  readonly home: HomeSnapshot;
}

/** What the gateway says of a provider's answer, beside the answer's own headers. */
export function serviceHeaders({ outcome, asked, caller, record, home }: Service, context: GatewayContext): HeaderChanges {
  const [first] = asked;
  const { served, failure } = outcome;
  const { fingerprint, origin } = publicName(served, home, context);
  const question = first?.plan ? { asked: first.target, plan: first.plan } : { asked: outcome.target, plan: outcome.plan };
  const isCrossing =
    failure === undefined && context.billing.notice({ ...question, answered: outcome.target, servedPlan: outcome.plan, served });
  const pin = first?.target.profileId;
  const headers: Record<string, string | undefined> = {
    "x-openclaw-request-id": record.id,
    "x-openclaw-credential": fingerprint,
    "x-openclaw-credential-class": served.billing,
    "x-openclaw-attempts": String(record.attempts ?? 0),
  };
  // A profile's name is often an e-mail address.
  if (caller.isAdmin) headers["x-openclaw-credential-origin"] = origin;
  if (isCrossing) headers["x-openclaw-billing-crossing"] = "subscription-to-metered";
  if (pin !== undefined && served.profileId !== pin) headers["x-openclaw-pin"] = "passed-over";
  return failure?.class === "rate_limit" ? { ...headers, ...recovery(outcome, asked, context) } : headers;
}

/** Puts down who answered, for the log and the metrics. */
export function recordService(
  record: Call["record"],
  { target, served, failure }: Answered,
  home: HomeSnapshot,
  context: GatewayContext,
): void {
  const { fingerprint } = publicName(served, home, context);
  record.model = `${target.provider}/${target.model}`;
  record.credential = fingerprint;
  record.credentialClass = served.billing;
  record.origin = served.origin;
  record.failure = failure?.class;
}

/** A limit that was reached everywhere comes back with the time at which the first of the credentials recovers. */
function recovery(answer: Answered, asked: readonly ModelOutcome[], { clock }: GatewayContext): HeaderChanges {
  if (answer.retryAt() === undefined) return {};
  return { "retry-after-ms": undefined, ...recoveryHeaders(Math.min(...asked.flatMap((each) => each.retryAt() ?? [])), clock.now()) };
}

interface PublicName {
  readonly fingerprint: string;
  /** Fit for a header, whatever the profile is called. */
  readonly origin: string;
}

/** A fingerprint is a hash of its own; candidates stay the same until their credential is another. */
const names = new WeakMap<Candidate, PublicName>();

function publicName(candidate: Candidate, home: HomeSnapshot, { secrets }: GatewayContext): PublicName {
  const known = names.get(candidate);
  if (known) return known;
  const name = { fingerprint: credentialFingerprint(home, candidate), origin: headerText(secrets.redactor.text(candidate.origin)) };
  names.set(candidate, name);
  return name;
}

/** Percent-encodes what a header cannot hold, and the percent sign. */
function headerText(text: string): string {
  return text.toWellFormed().replaceAll(/[^ !-$&-~]/gu, (character) => encodeURIComponent(character));
}
