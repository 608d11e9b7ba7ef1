import { modelName, modelTargets, type HomeSnapshot, type ModelTarget, type ModelTargets, type NoModel } from "@openclaw/home";
import { splitModelPin, type Dialect, type ModelPin } from "@openclaw/providers";
import { allowedModels } from "./allowed-models.ts";
import type { Caller } from "./caller.ts";
import { GatewayError } from "./errors.ts";

/** A model to ask, and whose accounts to ask it with. */
export interface Target extends ModelTarget {
  readonly agentId: string | undefined;
}

/** Who asks for a model, and how. */
export interface TargetsQuery {
  readonly caller: Caller;
  readonly dialect: Dialect;
  /** Whose accounts, where the name of the model is not an agent's. */
  readonly agentId: string | undefined;
}

const CONTROL = /\p{Cc}/u;

/** Models named in one message. */
const MOST_NAMED = 20;

/**
 * The models a request may be answered by: the one it names, then the fallbacks that its caller may use.
 *
 * @throws {GatewayError} `invalid-request` for a name with control characters, `model-not-found`, or `agent-not-allowed`, `model-not-allowed` or `profile-not-allowed` for what the caller may not use.
 */
export function targetsFor(home: HomeSnapshot, name: string | ModelPin, query: TargetsQuery): readonly [Target, ...Target[]] {
  const { caller, agentId: agent } = query;
  const named = typeof name === "string" ? splitModelPin(name) : name;
  // What reads it next may end at one, or take it for nothing: it would be another name there.
  if (CONTROL.test(named.model) || (named.profileId !== undefined && CONTROL.test(named.profileId))) {
    throw new GatewayError("invalid-request", "the name of a model must not have control characters in it");
  }
  const asked = findTargets(home, named, query);
  if ("reason" in asked) {
    throw new GatewayError("model-not-found", `Model ${JSON.stringify(asked.name)} cannot be served: ${asked.reason}`, {
      hint: "use openclaw/default, an alias or provider/model; GET /v1/models lists what is configured",
    });
  }
  const { agentId = agent, pin } = asked;
  requireAgent(caller, agentId ?? home.agents.defaultId);
  const [first, ...fallbacks] = asked.targets;
  if (!caller.allowsModel(first)) throw modelNotAllowed(first, home, caller);
  if (pin !== undefined && !caller.allowsProfile(pin)) {
    throw new GatewayError("profile-not-allowed", "This client may not pin that profile", {
      hint: "ask for the model without @profile, or add the profile to gateway.clients.<name>.profiles",
    });
  }
  if (!mayPin(first, home, caller)) {
    throw new GatewayError("profile-not-allowed", "This client may not use the profile that the configuration pins for that model", {
      hint: "ask for the model as provider/model, or add the profile to gateway.clients.<name>.profiles",
    });
  }
  const allowed = fallbacks.filter((target) => caller.allowsModel(target) && mayPin(target, home, caller));
  return [{ ...first, agentId }, ...allowed.map((target) => ({ ...target, agentId }))];
}

/** Whether a profile of the configuration's leaves its caller anything: a first choice is passed over. */
function mayPin({ profileId }: ModelTarget, { pins }: HomeSnapshot, caller: Caller): boolean {
  return profileId === undefined || pins !== "strict" || caller.allowsProfile(profileId);
}

/** @throws {GatewayError} `agent-not-allowed`. */
export function requireAgent(caller: Caller, agentId: string): void {
  if (caller.allowsAgent(agentId)) return;
  throw new GatewayError("agent-not-allowed", `This client may not use the accounts of the agent ${JSON.stringify(agentId)}`, {
    hint: "ask for an agent of GET /v1/models, or add this one to gateway.clients.<name>.agents",
  });
}

/** Whose models those are that a client names as their vendor does, without saying whose. */
const vendors: Readonly<Record<Dialect, string>> = {
  "openai-completions": "openai",
  "openai-responses": "openai",
  "anthropic-messages": "anthropic",
  "google-generative-ai": "google",
};

/** Clients that know nothing of other vendors name a model as theirs does. It is theirs where there is a credential for it. */
function findTargets(home: HomeSnapshot, name: ModelPin, { dialect, agentId }: TargetsQuery): ModelTargets | NoModel {
  const asked = modelTargets(home, name, agentId);
  if (!("reason" in asked) || asked.name === "" || asked.name === "openclaw" || asked.name.includes("/")) return asked;
  const vendor = modelTargets(home, { ...name, model: `${vendors[dialect]}/${name.model}` }, agentId);
  if ("reason" in vendor) return asked;
  const [{ provider, model }] = vendor.targets;
  const plan = home.plan({ provider, model, ...(agentId !== undefined && { agentId }) });
  return plan.candidates.length > 0 || name.profileId !== undefined ? vendor : asked;
}

function modelNotAllowed(model: ModelTarget, home: HomeSnapshot, caller: Caller): GatewayError {
  const allowed = allowedModels(home, caller).map(modelName);
  const named = allowed.slice(0, MOST_NAMED).join(", ");
  const more = allowed.length > MOST_NAMED ? ` and ${allowed.length - MOST_NAMED} more` : "";
  const others = allowed.length > 0 ? `; it may use ${named}${more}` : "";
  return new GatewayError("model-not-allowed", `This client may not use ${modelName(model)}${others}`, {
    hint: "GET /v1/models lists what it may use; gateway.clients.<name>.models says so",
  });
}
