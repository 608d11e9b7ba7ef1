import type { HomeSnapshot } from "@openclaw/home";
import { normalizeProviderId, splitModelPin, type ModelRef } from "@openclaw/providers";
import type { Caller } from "./caller.ts";
import { GatewayError } from "./errors.ts";

type Clients = NonNullable<NonNullable<HomeSnapshot["config"]["gateway"]>["clients"]>;

/** Who shows the token of `gateway.clients.<name>`. */
export interface ClientOptions {
  readonly name: string;
  /** Of its token. */
  readonly fingerprint: string;
  readonly rules: Clients[string];
  /** What aliases and agents stand for. */
  readonly home: Pick<HomeSnapshot, "models" | "agents">;
}

/**
 * A client, with what its entry allows; all of it where that says nothing.
 *
 * @throws {GatewayError} `client-invalid` for a model or an agent that names nothing: a misspelt one would allow less than was meant.
 */
export function clientCaller({ name, fingerprint, rules, home }: ClientOptions): Caller {
  const { models, profiles } = rules;
  return {
    // The name keeps two clients apart whose fingerprints are the same by chance.
    id: `${name}${fingerprint}`,
    name,
    isAdmin: false,
    mayReadMetrics: rules.metrics === true,
    allowsModel: models ? modelRule(models, name, home) : () => true,
    allowsProfile: profiles ? profileRule(profiles) : () => true,
    allowsAgent: agentRule(rules, name, home),
  };
}

/** A key is called by where it is from, one of several in a variable also by the variable: `OPENAI_API_KEYS[2]`. */
function profileRule(profiles: readonly string[]): Caller["allowsProfile"] {
  const names = new Set(profiles);
  return (name) => names.has(name) || (name.endsWith("]") && names.has(name.slice(0, name.lastIndexOf("["))));
}

/** Agents may have profiles of one name that are not one account: who may use some of them only is asked whose. */
function agentRule({ agents, profiles }: ClientOptions["rules"], client: string, home: ClientOptions["home"]): Caller["allowsAgent"] {
  const { defaultId, ids } = home.agents;
  if (!agents) return profiles ? (id) => id === defaultId : () => true;
  const unknown = agents.find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    throw new GatewayError("client-invalid", `gateway.clients.${client}.agents: there is no agent ${JSON.stringify(unknown)}`, {
      hint: `there are ${ids.join(", ")}`,
    });
  }
  const names = new Set(agents);
  return (id) => names.has(id);
}

/** Patterns are read once, so that a request costs a look into a set. */
function modelRule(patterns: readonly string[], client: string, home: ClientOptions["home"]): Caller["allowsModel"] {
  const names = new Set<string>();
  const beginnings: string[] = [];
  for (const pattern of patterns) {
    if (pattern.includes("*")) beginnings.push(beginningOf(pattern, client));
    else for (const ref of modelsOf(pattern, client, home)) names.add(nameOf(ref));
  }
  return (ref) => {
    const name = nameOf(ref);
    return names.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
  };
}

/** `*`, `provider/*` or `provider/name*`. */
function beginningOf(pattern: string, client: string): string {
  if (pattern === "*") return "";
  if (!pattern.endsWith("*")) throw namesNothing(pattern, client);
  const slash = pattern.indexOf("/");
  const provider = normalizeProviderId(pattern.slice(0, Math.max(slash, 0)));
  const rest = pattern.slice(slash + 1, -1);
  if (provider === "" || provider.includes("*") || rest.includes("*")) throw namesNothing(pattern, client);
  return `${provider}/${rest}`;
}

/** An agent stands for its model and what that falls back to, as they are in this reading of the configuration. */
function modelsOf(text: string, client: string, { models, agents }: ClientOptions["home"]): readonly ModelRef[] {
  const isAgent = text === "openclaw" || text.startsWith("openclaw/");
  const named = text.slice("openclaw/".length);
  const agentId = !isAgent || named === "" || named === "default" ? undefined : named;
  if (agentId !== undefined && !agents.ids.includes(agentId)) throw namesNothing(text, client);
  const settings = models(agentId);
  // Taken without its profile it would allow more than was meant.
  if (splitModelPin(text).profileId !== undefined && !isAlias(text, settings.aliases)) throw withProfile(text, client);
  const texts = isAgent ? [settings.defaultModel, ...settings.fallbacks] : [text];
  const refs = texts.flatMap((each) => settings.resolve(each) ?? []);
  if (refs.length === 0) throw namesNothing(text, client);
  return refs;
}

function nameOf({ provider, model }: ModelRef): string {
  return `${provider}/${model}`;
}

function isAlias(text: string, aliases: Readonly<Record<string, string>>): boolean {
  return Object.keys(aliases).some((alias) => alias.toLowerCase() === text.toLowerCase());
}

function withProfile(pattern: string, client: string): GatewayError {
  return new GatewayError("client-invalid", `gateway.clients.${client}.models: ${JSON.stringify(pattern)} names a profile as well`, {
    hint: `name the model alone, and the profile in gateway.clients.${client}.profiles`,
  });
}

function namesNothing(pattern: string, client: string): GatewayError {
  return new GatewayError("client-invalid", `gateway.clients.${client}.models: ${JSON.stringify(pattern)} names no model`, {
    hint: 'use "provider/model", "provider/*", an alias of agents.defaults.models, or "openclaw/<agentId>"',
  });
}
