import { authProviderId } from "@openclaw/providers";
import { formatSecretRef } from "@openclaw/secrets";
import { forbiddenNames } from "../secrets-plan/target.ts";
import type { Prompt } from "../prompt.ts";
import { providersAfter, type Draft, type Mapping } from "./draft.ts";
import { findPlaces, profileTarget, takenIds, type Place, type PlacesInput } from "./places.ts";
import { askReference } from "./reference-question.ts";

/** What places are mapped with. */
export interface MappingOptions extends PlacesInput {
  readonly prompt: Prompt;
}

/** Asks which places are to hold a reference, and which. Changes the draft and nothing else. */
export async function mapPlaces(draft: Draft, options: MappingOptions): Promise<Draft> {
  const { prompt } = options;
  const places = findPlaces(options);
  const chosen = await prompt.selectMany<Place | "new">({
    message: `Which places are to hold a reference? (agent ${options.agentId})`,
    choices: [
      ...places.map((place) => ({ value: place, label: place.target.path, hint: place.holds })),
      { value: "new", label: "A new account", hint: "a profile that holds a reference from the start" },
    ],
  });
  const mappings: Mapping[] = [];
  for (const place of chosen) {
    if (place !== "new") mappings.push(...(await mapPlace(place, draft, options)));
    else mappings.push(...(await mapNewProfiles(mappings, draft, options)));
  }
  return { ...draft, mappings };
}

/** Asks again for the references of these places. */
export async function mapAgain(draft: Draft, paths: readonly string[], options: MappingOptions): Promise<Draft> {
  const mappings: Mapping[] = [];
  for (const mapping of draft.mappings) {
    const { target } = mapping;
    if (!paths.includes(target.path)) mappings.push(mapping);
    else mappings.push({ target, ref: await ask(target.path, target.authProfileProvider ?? target.providerId, draft, options) });
  }
  return { ...draft, mappings };
}

async function mapPlace({ target, provider, reference }: Place, draft: Draft, options: MappingOptions): Promise<readonly Mapping[]> {
  const ref = await ask(target.path, provider, draft, options);
  if (formatSecretRef(ref) !== reference) return [{ target, ref }];
  options.prompt.say(`${target.path} holds that reference already.`);
  return [];
}

async function mapNewProfiles(others: readonly Mapping[], draft: Draft, options: MappingOptions): Promise<readonly Mapping[]> {
  const made = [await mapNewProfile(others, draft, options)];
  while (await options.prompt.confirm({ message: "Another new account?", initial: false })) {
    made.push(await mapNewProfile([...others, ...made], draft, options));
  }
  return made;
}

async function mapNewProfile(others: readonly Mapping[], draft: Draft, options: MappingOptions): Promise<Mapping> {
  const { prompt, agentId } = options;
  const taken = new Set([...takenIds(options), ...others.flatMap(({ target }) => target.pathSegments?.[1] ?? [])]);
  const id = await prompt.text({
    message: "Id of the account",
    example: "openai:work",
    check: (text) => (taken.has(text) ? `${text} is there already` : profileIdProblem(text)),
  });
  const provider = await prompt.text({
    message: "Provider it is for",
    initial: id.slice(0, id.indexOf(":")),
    check: (text) => (/^[^\s:]+$/u.test(text) ? undefined : "the id of a provider, such as openai"),
  });
  const type = await prompt.select({
    message: "What is its secret?",
    choices: [
      { value: "api_key" as const, label: "an API key" },
      { value: "token" as const, label: "a token", hint: "as anthropic's setup-token prints it" },
    ],
  });
  const target = { ...profileTarget(agentId, id, type), authProfileProvider: authProviderId(provider) };
  return { target, ref: await ask(target.path, provider, draft, options) };
}

function ask(place: string, provider: string | undefined, draft: Draft, { prompt, home }: MappingOptions) {
  return askReference({ prompt, home, place, provider, providers: providersAfter(home.config, draft) });
}

function profileIdProblem(id: string): string | undefined {
  if (!/^[^\s:]+:\S+$/u.test(id)) return "an id is provider:name";
  return forbiddenNames.has(id) ? `an account cannot be called ${id}` : undefined;
}
