import { modelName, type HomeSnapshot, type ModelRef, type ModelTarget } from "@openclaw/home";
import type { Caller } from "../caller.ts";
import { configuredModels } from "../configured-models.ts";
import { endpointOf } from "../endpoint-of.ts";
import { GatewayError } from "../errors.ts";
import type { Surface } from "../surfaces.ts";

/** Who may choose a model, and for requests of which kind. */
export interface Chooser {
  readonly home: HomeSnapshot;
  readonly caller: Caller;
  readonly surface: Surface;
  readonly agentId: string | undefined;
}

/** The models somebody may choose, in the order in which they are numbered. */
export interface Choices {
  readonly models: readonly ModelTarget[];
  /** Whether others may be chosen as well: there is no allow-list. */
  readonly isOpen: boolean;
  /** Whether it may be chosen, be it able to answer or not. */
  readonly allows: (model: ModelRef) => boolean;
}

/**
 * The agent's own model and what that falls back to come first. Then those of `agents.defaults.models`, which is an allow-list
 * where it has entries, else everything the configuration names. What cannot answer such a request is left out.
 */
export function choicesOf(chooser: Chooser): Choices {
  const { home, caller, agentId } = chooser;
  const { defaultModel, fallbacks, allowed, resolve } = home.models(agentId);
  const isOpen = allowed.length === 0;
  const named = [defaultModel, ...fallbacks, ...allowed].flatMap((name) => resolve(name) ?? []);
  const all = new Map<string, ModelTarget>();
  for (const model of [...named, ...(isOpen ? configuredModels(home) : [])]) {
    // Of two that differ in the profile behind them the first one counts.
    if (!all.has(modelName(model))) all.set(modelName(model), model);
  }
  const allows = (model: ModelRef) => caller.allowsModel(model) && (isOpen || all.has(modelName(model)));
  return { models: [...all.values()].filter((model) => allows(model) && whyUnable(model, chooser) === undefined), isOpen, allows };
}

/** Why a model cannot answer requests like this one, if that is so. */
export function whyUnable(model: ModelRef, { home, surface }: Pick<Chooser, "home" | "surface">): string | undefined {
  try {
    endpointOf(model, surface, home);
    return undefined;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  }
}

/** What people call it: its alias too, where it has one that stands for just this. */
export function labelOf(model: ModelTarget, { home, agentId }: Pick<Chooser, "home" | "agentId">): string {
  const { aliases, resolve } = home.models(agentId);
  const name = modelName(model);
  const alias = Object.keys(aliases).find((each) => {
    const ref = resolve(each);
    return ref !== undefined && modelName(ref) === name && ref.profileId === model.profileId;
  });
  return alias === undefined ? name : `${alias} (${name})`;
}
