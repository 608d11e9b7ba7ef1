import type { FailureClass } from "@openclaw/key-rotation";
import { dialectsOf, splitModelPin, type Dialect, type ModelPin, type ModelRef } from "@openclaw/providers";
import type { ModelTarget } from "./models.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/** The models a request may be answered by. */
export interface ModelTargets {
  /** Whose accounts; the default agent's where nobody says. */
  readonly agentId: string | undefined;
  /** The profile behind the `@`. */
  readonly pin: string | undefined;
  /** The one that was named, then the fallbacks, each once. */
  readonly targets: readonly [ModelTarget, ...ModelTarget[]];
  /** Fallbacks that name nothing, or that no request for the first model could be sent to. They are passed over. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** A name that names no model. */
export interface NoModel {
  /** Without its pin. */
  readonly name: string;
  readonly reason: string;
}

/** Failures after which the next model is asked, once the credentials of one are spent. */
export const fallbackClasses: ReadonlySet<FailureClass> = new Set<FailureClass>([
  "rate_limit",
  "auth",
  "auth_permanent",
  "billing",
  "overloaded",
  "timeout",
  "server",
  "model_not_found",
]);

/**
 * Reads the name of a model as people write it: `openclaw` and `openclaw/default` are the agent's model, `openclaw/<agentId>`
 * another agent's; everything else is an alias or `provider/model`. `@profile` behind any of these pins that profile: where
 * pins are strict nothing falls back, else it comes first with its provider's models. Then `agents.defaults.model.fallbacks`.
 *
 * A profile that the configuration has behind the name of a model is pinned for that model, where nobody pins another one of its
 * provider. Fallbacks follow it: they were written by the same hand.
 *
 * Who knows the profile already says so: the id of a profile may have a slash in it, behind which none is looked for.
 */
export function modelTargets(home: HomeSnapshot, asks: string | ModelPin, agentId?: string): ModelTargets | NoModel {
  const { agents, providers } = home;
  const { model: name, profileId: pin } = typeof asks === "string" ? splitModelPin(asks) : asks;
  const named = agentOf(name);
  if (named !== undefined && !agents.ids.includes(named)) return { name, reason: "no agent has that id" };
  const settings = home.models(named ?? agentId);
  const isAgent = name === "openclaw" || name.startsWith("openclaw/");
  const ref = settings.resolve(isAgent ? settings.defaultModel : name);
  if (!ref) return { name, reason: noRef };
  if (!providers.find(ref.provider)) return { name, reason: noProvider(ref) };

  const targetOf = (model: ModelTarget): ModelTarget =>
    pin !== undefined && model.provider === ref.provider ? { ...model, profileId: pin } : model;
  // A first choice is followed by the others of its model: there is nothing left to fall back to in that.
  const keyOf = (target: ModelTarget) =>
    target.profileId === undefined || home.pins !== "strict" ? modelName(target) : `${modelName(target)}@${target.profileId}`;
  const asked = { agentId: named ?? agentId, pin, targets: [targetOf(ref)], skipped: [] } as const;
  if (pin !== undefined && home.pins === "strict") return asked;
  const others = new Map<string, ModelTarget>();
  const skipped: { readonly name: string; readonly reason: string }[] = [];
  for (const each of settings.fallbacks) {
    const fallback = settings.resolve(each);
    const reason = fallback ? whyNot(fallback, ref, home) : noRef;
    if (!fallback || reason !== undefined) {
      skipped.push({ name: each, reason: reason ?? noRef });
      continue;
    }
    const target = targetOf(fallback);
    if (!others.has(keyOf(target))) others.set(keyOf(target), target);
  }
  others.delete(keyOf(targetOf(ref)));
  return { ...asked, targets: [targetOf(ref), ...others.values()], skipped };
}

/** `provider/model`, as it is shown. */
export function modelName({ provider, model }: ModelRef): string {
  return `${provider}/${model}`;
}

const noRef = "it is neither an alias nor provider/model";

function noProvider({ provider }: ModelRef): string {
  return `there is no provider "${provider}"`;
}

/** Why a request for `first` cannot be sent on to another model, if that is so. */
function whyNot(fallback: ModelRef, first: ModelRef, home: HomeSnapshot): string | undefined {
  if (!home.providers.find(fallback.provider)) return noProvider(fallback);
  const [own, others] = [spokenBy(fallback, home), spokenBy(first, home)];
  if (own.length === 0 || others.length === 0 || own.some((dialect) => others.includes(dialect))) return undefined;
  return `${fallback.provider} speaks ${own.join(" and ")}, and ${first.provider} ${others.join(" and ")}: no request can go from one to the other`;
}

function spokenBy({ provider, model }: ModelRef, { providers }: HomeSnapshot): readonly Dialect[] {
  const { spec, baseUrl } = providers.find(provider) ?? {};
  return spec && baseUrl ? dialectsOf(spec, model) : [];
}

function agentOf(name: string): string | undefined {
  const id = name.startsWith("openclaw/") ? name.slice("openclaw/".length) : undefined;
  return id === "default" ? undefined : id;
}
