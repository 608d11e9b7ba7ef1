import { allKeys, readableProfiles, type HomeSnapshot } from "@openclaw/home";
import type { Health } from "@openclaw/key-rotation";
import { authProviderId } from "@openclaw/providers";
import type { Clock } from "@openclaw/secrets";
import { Gauge, type Registry } from "prom-client";
import { createCensus } from "./census.ts";
import { configuredModels } from "./configured-models.ts";
import type { GatewayEvent } from "./context.ts";
import type { Readiness } from "./readiness.ts";

/** What the state of a gateway is read from. */
export interface StateMetricsOptions {
  readonly registry: Registry;
  readonly home: () => HomeSnapshot;
  readonly health: Health;
  readonly clock: Pick<Clock, "now">;
  readonly readiness: Pick<Readiness, "isReady">;
}

/** Shows how things stand, looked up when somebody asks. Names no credential: only how many there are. */
export function addStateMetrics({ registry, home, health, clock, readiness }: StateMetricsOptions): (event: GatewayEvent) => void {
  const census = createCensus(home, clock);
  let swappedAt = clock.now();

  function gauge(name: string, help: string, labelNames: readonly string[], collect: (shown: Gauge) => void | Promise<void>): void {
    const shown = new Gauge({
      name: `openclaw_${name}`,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        shown.reset();
        await collect(shown);
      },
    });
  }

  gauge("ready", "1 where /readyz says so.", [], (shown) => shown.set(readiness.isReady() ? 1 : 0));
  gauge("credentials", "Stored accounts and keys, by whether they work.", ["provider", "state"], async (shown) => {
    for (const [provider, { states }] of await census()) {
      for (const [state, count] of Object.entries(states)) shown.set({ provider, state }, count);
    }
  });
  gauge(
    "soonest_expiry_seconds",
    "Time until the first credential ends that nothing renews; negative once it has.",
    ["provider"],
    async (shown) => {
      for (const [provider, { soonestEnd }] of await census()) {
        if (soonestEnd !== undefined) shown.set({ provider }, (soonestEnd - clock.now()) / 1000);
      }
    },
  );
  gauge("cooldowns", "Credentials and quotas that are left alone now, for one model or all.", ["provider", "reason"], (shown) => {
    const now = clock.now();
    const provider = providerLookup(home());
    for (const { id, store, window } of health.inspect()) {
      if (window.until > now) shown.inc({ provider: provider(id, store), reason: window.reason });
    }
  });
  gauge(
    "model_ready",
    "1 where a configured model has a credential of the default agent that can be tried now.",
    ["provider", "model"],
    (shown) => {
      for (const { provider, model } of configuredModels(home()))
        shown.set({ provider, model }, canAsk(home(), health, { provider, model }) ? 1 : 0);
    },
  );
  gauge("secrets_generation", "Grows whenever secrets are read again.", [], (shown) => shown.set(home().secrets.generation));
  gauge("secrets_age_seconds", "Time since secrets were read with success.", [], (shown) =>
    shown.set(Math.max(0, clock.now() - swappedAt) / 1000),
  );
  gauge("secret_references", "References, by how they stand.", ["status"], (shown) => {
    const { secrets, brokenReferences } = home();
    for (const status of ["live", "stale", "cold", "inactive"]) shown.set({ status }, 0);
    for (const path of secrets.paths) shown.inc({ status: secrets.stateOf(path)?.status ?? "inactive" });
    shown.inc({ status: "cold" }, brokenReferences.length);
  });

  return (event) => {
    if (event.type === "secrets" && event.report.outcome === "swapped") swappedAt = clock.now();
  };
}

/** Whether a request for the model could be sent now. */
function canAsk(home: HomeSnapshot, health: Health, query: { readonly provider: string; readonly model: string }): boolean {
  try {
    const plan = home.plan(query);
    return plan.candidates.length > 0 && health.earliest(plan) === undefined;
  } catch {
    // A store that cannot be read, or a provider that is not there: no request for it is served.
    return false;
  }
}

/** Whose a credential is, by the id its health is kept under. */
function providerLookup(home: HomeSnapshot): (id: string, store: string | undefined) => string {
  const keys = new Map(allKeys(home).map(({ id, provider }) => [id, provider]));
  const agents = new Map(home.agents.all.map((agent) => [agent.storePath, agent]));
  return (id, store) => {
    const agent = store === undefined ? undefined : agents.get(store);
    const profile = agent && readableProfiles(agent)?.store.profiles.get(id);
    if (profile) return authProviderId(profile.provider);
    const known = keys.get(id) ?? /^bucket:([^:]+):/u.exec(id)?.[1];
    // What is left of an account that has gone.
    return known ?? "unknown";
  };
}
