import { modelName, type HomeSnapshot, type ModelRef, type ModelTarget } from "@openclaw/home";
import { splitModelPin } from "@openclaw/providers";
import { isAgentName } from "../sessions/agent-name.ts";
import type { SessionPin } from "../sessions/session-pin.ts";
import { choicesOf, whyUnable, type Choices, type Chooser } from "./choices.ts";
import { findProfile, shownProfile } from "./profile-name.ts";

/** What somebody chose; `isDefault` where the agent's own model is meant, `isConfigured` where nobody named its profile. */
export type Choice = (SessionPin & { readonly isDefault: boolean; readonly isConfigured?: true }) | Refusal;

/** Why it cannot be chosen, and what to do instead. */
interface Refusal {
  readonly refusal: string;
}

/** Reads what stands behind `/model`: an alias, `provider/model`, a number of the list or `default`, with `@profile` or without. */
export function resolveChoice(text: string, chooser: Chooser): Choice {
  const { home, caller, agentId } = chooser;
  const { model: name, profileId } = splitModelPin(text);
  if (/\p{Cc}/u.test(text)) return refuse(`There is no model ${quote(name)}: it has control characters in it.`);
  const isDefault = name === "default" || name === "openclaw" || name === "openclaw/default";
  if (!isDefault && isAgentName(name)) {
    return refuse(`${quote(name)} is an agent. A request names its agent in "model" or in x-openclaw-agent-id; /model chooses the model.`);
  }
  const choices = choicesOf(chooser);
  if (/^\d+$/u.test(name) && !choices.models[Number(name) - 1]) return refuse(noNumber(name, choices));
  const target = isDefault ? home.models(agentId).resolve(home.models(agentId).defaultModel) : modelOf(name, choices, home, agentId);
  const model = target && { provider: target.provider, model: target.model };
  if (!model || !home.providers.find(model.provider)) {
    return refuse(`There is no model ${quote(name)}: it is neither an alias nor provider/model. Use /model list to see what there is.`);
  }
  if (!choices.allows(model)) {
    // `/model default` is how a pin is taken away; here something else does that.
    const instead = isDefault ? "/new takes a pin away; /model list shows what is." : "Use /model list to see what is.";
    return refuse(`Model ${quote(isDefault ? modelName(model) : name)} is not allowed. ${instead}`);
  }
  const reason = whyUnable(model, chooser);
  if (reason !== undefined) return refuse(`Model ${quote(name)} cannot answer here: ${reason}. Use /model list to see what can.`);
  if (profileId !== undefined) return withProfile(profileId, { model, isDefault }, chooser);
  const configured = target?.profileId;
  const isOpen = configured === undefined || caller.allowsProfile(configured);
  if (isOpen) return { model, isDefault, ...(configured !== undefined && { profileId: configured }), isConfigured: true };
  if (home.pins !== "strict") return { model, isDefault, isConfigured: true };
  return refuse(`${quote(name)} goes with a profile that you may not use. /model provider/model takes another, and /new takes a pin away.`);
}

function withProfile(text: string, choice: { readonly model: ModelRef; readonly isDefault: boolean }, chooser: Chooser): Choice {
  const { home, caller, agentId } = chooser;
  const { provider } = choice.model;
  const profileId = findProfile(text, provider, chooser);
  const other = caller.isAdmin ? " or openclaw models status" : "";
  if (profileId === undefined) return refuse(`There is no profile ${quote(text)}. Use one that /model status${other} shows.`);
  const reason = home.agents.find(agentId).profiles().checkPin(profileId, provider);
  if (reason === undefined) return { ...choice, profileId };
  const why = reason === "provider_mismatch" ? `is not one of ${provider}` : `cannot be used (${reason})`;
  return refuse(`The profile ${quote(shownProfile(profileId, home, caller))} ${why}. Use one that /model status${other} shows.`);
}

function modelOf(name: string, { models }: Choices, home: HomeSnapshot, agentId: string | undefined): ModelTarget | undefined {
  if (/^\d+$/u.test(name)) return models[Number(name) - 1];
  const named = home.models(agentId).resolve(name);
  if (named) return named;
  // As its vendor calls it, where only one model is called so.
  const [only, ...others] = models.filter(({ model }) => model === name);
  return others.length === 0 ? only : undefined;
}

function noNumber(name: string, { models }: Choices): string {
  const range = models.length === 1 ? "1 alone" : `1 to ${models.length}`;
  return models.length === 0 ? "There is no model to choose." : `There is no model ${name}: /model list shows ${range}.`;
}

function refuse(refusal: string): Refusal {
  return { refusal };
}

/** On one line, and not endless. */
function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
