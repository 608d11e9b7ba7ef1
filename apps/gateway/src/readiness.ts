import { allKeys, modelName, modelTargets, readableProfiles, type HomeSnapshot, type PlanQuery } from "@openclaw/home";
import type { Health, Plan } from "@openclaw/key-rotation";
import type { Clock } from "@openclaw/secrets";
import { configuredModels } from "./configured-models.ts";
import type { GatewayEvent } from "./context.ts";
import { isOwnError } from "./errors.ts";
import type { EventLoop } from "./event-loop.ts";
import { refusedCredentials } from "./refused-credentials.ts";
import { createTroubles, type Trouble } from "./troubles.ts";

/** Whether a gateway can serve. */
interface ReadinessReport {
  readonly isReady: boolean;
  /** Why it cannot. */
  readonly reasons: readonly Trouble[];
  /** What is wrong while it serves. */
  readonly warnings: readonly Trouble[];
}

/** Knows whether a gateway can serve. */
export interface Readiness {
  observe(event: GatewayEvent): void;
  /** Looked at once a second at most, however often it is asked. */
  isReady(): boolean;
  /** Holds names of accounts and files: for the operator alone. */
  report(): ReadinessReport;
}

/** What readiness is judged by. */
export interface ReadinessOptions {
  readonly home: () => HomeSnapshot;
  readonly health: Health;
  readonly clock: Pick<Clock, "now">;
  readonly eventLoop: Pick<EventLoop, "delay">;
  readonly isClosing: () => boolean;
}

/** Anybody may ask, as often as they like. */
const FRESH_MS = 1_000;
/** Requests wait so long on top of everything else. */
const LATE_MS = 250;
const MOST_NAMED = 5;

/**
 * Judges whether any request could be served: not while it ends, nor where nothing has a credential. One that
 * is cooling down is there: it comes back by itself, and another gateway would find it cooling too.
 */
export function createReadiness({ home, health, clock, eventLoop, isClosing }: ReadinessOptions): Readiness {
  const troubles = createTroubles(home);
  let last: { readonly home: HomeSnapshot; readonly at: number; readonly unusable: readonly Trouble[] } | undefined;

  function unusable(): readonly Trouble[] {
    const [current, now] = [home(), clock.now()];
    if (last?.home === current && Math.abs(now - last.at) < FRESH_MS) return last.unusable;
    last = { home: current, at: now, unusable: canServe(current) ? [] : [nothingUsable(current)] };
    return last.unusable;
  }

  const draining = (): readonly Trouble[] =>
    isClosing() ? [{ code: "draining", what: "it was asked to stop and ends once the requests under way are done" }] : [];

  return {
    observe: (event) => troubles.observe(event),
    isReady: () => !isClosing() && unusable().length === 0,
    report() {
      const reasons = [...draining(), ...unusable()];
      const warnings = [
        ...ofDefaultModel(home(), health, reasons.length > 0),
        ...refusedCredentials(home(), health, clock.now()),
        ...troubles.now(),
        ...lateness(eventLoop),
      ];
      return { isReady: reasons.length === 0, reasons, warnings };
    },
  };
}

/** The default agent's models first: mostly the first one will do. Then whatever a client could name. */
function canServe(home: HomeSnapshot): boolean {
  const isUsable = (query: PlanQuery) => (planOf(home, query)?.candidates.length ?? 0) > 0;
  return (
    configuredModels(home).some(isUsable) ||
    providersWithCredentials(home).some((provider) => isUsable({ provider })) ||
    home.agents.ids.some((agentId) => {
      const { defaultModel, resolve } = home.models(agentId);
      const model = resolve(defaultModel);
      return model !== undefined && isUsable({ ...model, agentId });
    })
  );
}

function providersWithCredentials(home: HomeSnapshot): readonly string[] {
  const profiles = readableProfiles(home.agents.find())?.store.profiles.values() ?? [];
  const all = [...home.providers.configured, ...[...profiles, ...allKeys(home)].map(({ provider }) => provider)];
  return [...new Set(all)].filter((provider) => home.providers.find(provider));
}

/** None where the store cannot be read, or there is no such provider. */
function planOf(home: HomeSnapshot, query: PlanQuery): Plan | undefined {
  try {
    return home.plan(query);
  } catch (error) {
    if (isOwnError(error)) return undefined;
    throw error;
  }
}

function nothingUsable(home: HomeSnapshot): Trouble {
  const models = configuredModels(home).map(modelName).slice(0, MOST_NAMED);
  const what = `no provider has a credential that works, those of the configured models included: ${models.join(", ")}`;
  return { code: "no-usable-credential", what, fix: "openclaw models status" };
}

/** The default model cannot be asked, or not now, while others can. */
function ofDefaultModel(home: HomeSnapshot, health: Health, isKnown: boolean): readonly Trouble[] {
  const asked = modelTargets(home, "openclaw");
  if (isKnown || "reason" in asked) return [];
  const [first] = asked.targets;
  const plan = planOf(home, first);
  const name = modelName(first);
  if (!plan || plan.candidates.length === 0) {
    return [{ code: "default-model-unusable", what: `${name} has no credential that works`, fix: `openclaw models auth explain ${name}` }];
  }
  const until = health.earliest(plan);
  if (until === undefined) return [];
  const when = new Date(until).toISOString();
  return [
    { code: "default-model-cooling", what: `every credential of ${name} is left alone until ${when}`, fix: "openclaw models status" },
  ];
}

function lateness(eventLoop: Pick<EventLoop, "delay">): readonly Trouble[] {
  const { p99Ms } = eventLoop.delay();
  if (p99Ms < LATE_MS) return [];
  const what = `the event loop was up to ${Math.round(p99Ms)} ms late in the last minute: the machine, or this process, has too much to do`;
  return [{ code: "event-loop-late", what, fix: "give it a processor of its own, or lower gateway.limits.maxRequests" }];
}
