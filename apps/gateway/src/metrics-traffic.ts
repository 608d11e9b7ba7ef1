import { modelName, type HomeSnapshot } from "@openclaw/home";
import { Gauge, Histogram, type Registry } from "prom-client";
import { configuredModels } from "./configured-models.ts";
import type { GatewayEvent, RequestEnded } from "./context.ts";
import { createTally } from "./tally.ts";

/** Models may think for minutes. */
const DURATIONS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const FIRST_BYTES = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** What happens, as it happens. */
export interface TrafficMetrics {
  /** A request came. */
  begin(): void;
  observe(event: GatewayEvent): void;
}

/**
 * Counts what happens. No label holds what a client made up: routes are as they are written, clients and models as they
 * are configured.
 */
export function addTrafficMetrics(registry: Registry, home: () => HomeSnapshot): TrafficMetrics {
  const registers = [registry];
  const tally = (name: string, help: string, ...labels: readonly string[]) =>
    createTally({ registry, name: `openclaw_${name}`, help, labels });
  const requests = tally(
    "requests_total",
    "Requests that are over. Status 0: the client left before there was one.",
    "route",
    "client",
    "status",
  );
  const refused = tally("refused_total", "Requests the gateway answered with an error of its own.", "code");
  const answers = tally(
    "model_answers_total",
    "Answers of providers that were handed on, by who pays.",
    "provider",
    "model",
    "credential_class",
    "status",
  );
  const attempts = tally("attempts_total", "Times a credential was tried, and what came of it.", "provider", "outcome");
  const rotations = tally("rotations_total", "Times the next credential was tried within a request.", "provider", "reason");
  const fallbacks = tally("fallbacks_total", "Times a fallback model was asked.", "from_provider", "to_provider", "reason");
  const cooldowns = tally("cooldowns_opened_total", "Times a credential began to be left alone, or for longer.", "provider", "reason");
  const crossings = tally("billing_crossings_total", "Changes of who pays, as the log tells them.", "from", "to");
  const logins = tally("login_refreshes_total", "Logins refreshed ahead of their end, and those that began to fail.", "outcome");
  const accounts = tally("account_changes_total", "Accounts that began or ceased to work.", "provider", "to");
  const reloads = tally("reloads_total", "Readings of files and references.", "read", "outcome");
  const unkept = tally("cooldowns_not_kept_total", "Times it was told that cooldowns could not be written or read.");
  const cut = tally("answers_cut_total", "Answers that a provider broke off in the middle.", "provider");
  const gone = tally("clients_gone_total", "Clients that left before their answer was whole.");
  const overloads = tally("overloads_total", "Times the gateway began to refuse requests because it had too much to do.", "reason");
  const wrongTokens = tally("wrong_token_sources_total", "Times a source had to wait for having sent wrong tokens.");
  const internal = tally("internal_errors_total", "Bugs: the log has them.");
  const duration = new Histogram({
    name: "openclaw_request_duration_seconds",
    help: "From the request to the end of its answer.",
    labelNames: ["route"],
    buckets: DURATIONS,
    registers,
  });
  const firstByte = new Histogram({
    name: "openclaw_first_byte_seconds",
    help: "From the request to the first byte of a provider's answer, however many credentials it took.",
    labelNames: ["provider"],
    buckets: FIRST_BYTES,
    registers,
  });
  const nameOf = modelNames(home);
  const ofRoute = kept((route: string) => duration.labels(route));
  const ofProvider = kept((provider: string) => firstByte.labels(provider));
  let begun = 0;
  let ended = 0;
  const inFlight: Gauge = new Gauge({
    name: "openclaw_requests_in_flight",
    help: "Requests under way, streams included.",
    registers,
    collect: () => inFlight.set(begun - ended),
  });

  function observeRequest({
    route,
    client = "none",
    status,
    durationMs,
    firstByteMs,
    model,
    failure,
    credentialClass,
  }: RequestEnded): void {
    ended += 1;
    requests.inc(route, client, statusText(status));
    ofRoute(route).observe(durationMs / 1000);
    if (model === undefined) return;
    const { provider, shown } = nameOf(model);
    if (firstByteMs !== undefined) ofProvider(provider).observe(firstByteMs / 1000);
    if (failure === undefined && status < 400) attempts.inc(provider, "ok");
    answers.inc(provider, shown, credentialClass ?? "unknown", classes[Math.floor(status / 100)] ?? "other");
  }

  return {
    begin() {
      begun += 1;
    },
    observe(event) {
      switch (event.type) {
        case "request":
          return observeRequest(event);
        case "failed":
          return attempts.inc(event.plan.provider, event.failure.class);
        case "rotated":
          return rotations.inc(event.plan.provider, event.failure.class);
        case "fallback":
          return fallbacks.inc(providerOf(event.from), providerOf(event.to), event.reason);
        case "cooling":
          return cooldowns.inc(event.plan.provider, event.reason);
        case "refused":
          return refused.inc(event.code);
        case "billing-crossing":
          return crossings.inc(event.from, event.to);
        case "login-refreshed":
          return logins.inc("ok");
        case "login-failing":
          return logins.inc("failed");
        case "account-state":
          return accounts.inc(event.event.provider, event.event.to);
        case "secrets":
          return reloads.inc(event.read, event.report.outcome);
        case "reload-failed":
          return reloads.inc("home", "failed");
        case "cooldowns-not-kept":
          return unkept.inc();
        case "answer-cut":
          return cut.inc(providerOf(event.model));
        case "client-gone":
          return gone.inc();
        case "overloaded":
          return overloads.inc(event.reason);
        case "wrong-tokens":
          return wrongTokens.inc();
        case "internal":
          return internal.inc();
        default:
      }
    },
  };
}

/** `provider/model`: the id of a provider has no slash. */
function providerOf(model: string): string {
  const slash = model.indexOf("/");
  return slash === -1 ? model : model.slice(0, slash);
}

/** How a model is shown: a name that is not configured is a client's invention. */
interface ShownModel {
  readonly provider: string;
  readonly shown: string;
}

/** Looks up how models are shown, by their names with the provider. */
function modelNames(home: () => HomeSnapshot): (model: string) => ShownModel {
  let of: HomeSnapshot | undefined;
  let known: ReadonlyMap<string, ShownModel> = new Map();
  return (model) => {
    const current = home();
    if (of !== current)
      known = new Map(configuredModels(current).map((ref) => [modelName(ref), { provider: ref.provider, shown: ref.model }]));
    of = current;
    return known.get(model) ?? { provider: providerOf(model), shown: "other" };
  };
}

const classes: readonly (string | undefined)[] = [undefined, "1xx", "2xx", "3xx", "4xx", "5xx"];

const statusText = kept(String);

/** What belongs to a name is made once. */
function kept<K, T>(make: (name: K) => T): (name: K) => T {
  const all = new Map<K, T>();
  return (name) => {
    const known = all.get(name) ?? make(name);
    all.set(name, known);
    return known;
  };
}
