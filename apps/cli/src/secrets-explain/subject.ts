import { findSurfaceKind, type HomeSnapshot, isCredentialVariable, nearest } from "@openclaw/home";
import { authProviderId, normalizeProviderId, providerSpecs } from "@openclaw/providers";
import { CliError } from "../exit.ts";
import type { ExplainedKind } from "./explanation.ts";
import type { SurfaceFact } from "./fact.ts";
import { providersReading } from "./variable-view.ts";

/** What is to be explained. */
export interface Subject {
  readonly kind: ExplainedKind;
  /** In its known spelling. */
  readonly name: string;
  readonly facts: readonly SurfaceFact[];
  /** Whose streams it is a part of. */
  readonly providers: readonly string[];
  readonly variables: readonly string[];
}

export interface KnownPlaces {
  readonly home: HomeSnapshot;
  readonly facts: readonly SurfaceFact[];
}

/**
 * Finds what a person named: a path, a profile, a provider or a variable.
 *
 * @throws {CliError} with the nearest known names. The text itself is not in it: somebody may have pasted a key.
 */
export function findSubject(text: string, known: KnownPlaces): Subject {
  const found = surface(text, known) ?? profile(text, known) ?? variable(text, known) ?? provider(text, known);
  if (found) return found;
  const near = nearest(text, knownNames(known));
  throw new CliError(
    "There is no such path, profile, provider or variable",
    near.length > 0 ? `did you mean ${near.join(", ")}?` : "openclaw secrets explain lists what there is",
  );
}

function surface(text: string, { home, facts }: KnownPlaces): Subject | undefined {
  const path = text.replaceAll(/\[(\d+)\]/gu, ".$1");
  const fact = facts.find((each) => each.path === path) ?? emptyPlace(path, home);
  if (!fact) return undefined;
  const isKnown = fact.provider !== undefined && home.providers.find(fact.provider) !== undefined;
  return {
    kind: fact.profileId === undefined ? "surface" : "profile",
    name: fact.path,
    facts: [fact],
    providers: isKnown && fact.provider !== undefined ? [fact.provider] : [],
    variables: fact.ref?.source === "env" ? [fact.ref.id] : [],
  };
}

/** A place of the table where nothing is written. Of names that anybody may choose, only those of known providers. */
function emptyPlace(path: string, home: HomeSnapshot): SurfaceFact | undefined {
  const segments = path.split(".");
  const kind = findSurfaceKind(segments);
  if (!kind) return undefined;
  const provider = kind.id.startsWith("models.providers.") ? segments[2] : undefined;
  const isKnown = provider === undefined ? !kind.id.includes("*") && !kind.id.includes("[]") : home.providers.find(provider) !== undefined;
  if (!isKnown) return undefined;
  return { path, file: home.paths.configPath, holds: "nothing", ...(provider !== undefined && { provider }) };
}

/** `openai:work`, `profiles.openai:work`, or any field of it. */
function profile(text: string, { home, facts }: KnownPlaces): Subject | undefined {
  const name = text.replace(/^(?:agents\.[^.]+\.)?profiles\./u, "");
  const fact = facts.find(({ profileId }) => profileId !== undefined && (name === profileId || isFieldOf(name, profileId)));
  return fact && surface(fact.path, { home, facts });
}

function isFieldOf(name: string, profileId: string): boolean {
  return name.startsWith(`${profileId}.`) && /^(?:key|token|access|refresh)(?:Ref)?$/u.test(name.slice(profileId.length + 1));
}

function variable(text: string, { home, facts }: KnownPlaces): Subject | undefined {
  const isNamed = facts.some(({ ref }) => ref?.source === "env" && ref.id === text);
  if (home.env.layerOf(text) === undefined && !isNamed && !isCredentialVariable(text, home.providers.configured)) return undefined;
  const using = facts.filter(({ ref }) => ref?.source === "env" && ref.id === text);
  const reading = providersReading(text, home);
  const served = using.flatMap(({ provider }) => (provider !== undefined && home.providers.find(provider) ? [provider] : []));
  return { kind: "variable", name: text, facts: using, providers: distinct([...reading, ...served], authProviderId), variables: [text] };
}

function provider(text: string, { home, facts }: KnownPlaces): Subject | undefined {
  const found = home.providers.find(text);
  if (!found) return undefined;
  const { id, env } = found.spec;
  const own = facts.filter((fact) => fact.provider !== undefined && authProviderId(fact.provider) === authProviderId(id));
  const reading = Object.keys(home.env.values).filter((name) => env.includes(name) || providersReading(name, home).includes(id));
  const named = own.flatMap(({ ref }) => (ref?.source === "env" ? [ref.id] : []));
  return { kind: "provider", name: id, facts: own, providers: [id], variables: [...new Set([...reading, ...named])] };
}

function knownNames({ home, facts }: KnownPlaces): readonly string[] {
  const providers = [...new Set([...home.providers.configured, ...providerSpecs.map(({ id }) => id)])];
  return [
    ...facts.flatMap(({ path, profileId }) => (profileId === undefined ? [path] : [path, profileId])),
    ...providers,
    ...providers.map((id) => `models.providers.${id}.apiKey`),
    ...providerSpecs.flatMap(({ env }) => env),
    ...Object.keys(home.env.values).filter((name) => isCredentialVariable(name, home.providers.configured)),
    "gateway.auth.token",
    "gateway.auth.password",
    "gateway.remote.token",
    "gateway.remote.password",
  ];
}

/** One of each, of those that are the same by another spelling the first. */
function distinct(names: readonly string[], spelling: (name: string) => string): readonly string[] {
  return [...new Map(names.toReversed().map((name) => [spelling(normalizeProviderId(name)), name])).values()].toReversed();
}
