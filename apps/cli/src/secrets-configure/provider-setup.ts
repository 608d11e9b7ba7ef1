import type { Config } from "@openclaw/home";
import { parseSecretRef, SecretsError, type SecretProviderConfig, type SecretSource } from "@openclaw/secrets";
import { forbiddenNames } from "../secrets-plan/target.ts";
import type { Prompt } from "../prompt.ts";
import { checkProvider, type CheckProviderOptions } from "./check-provider.ts";
import { providersAfter, withoutProvider, withProvider, type Draft } from "./draft.ts";
import { askProvider } from "./provider-question.ts";

/** What secret providers are set up with. */
export interface ProviderSetupOptions extends CheckProviderOptions {
  readonly prompt: Prompt;
  readonly config: Config;
}

/** Asks which secret providers there are to be, until the person is done. Changes the draft and nothing else. */
export async function setUpProviders(draft: Draft, options: ProviderSetupOptions): Promise<Draft> {
  const { prompt, config } = options;
  for (let next = draft; ;) {
    const providers = Object.entries(providersAfter(config, next));
    const action = await prompt.select<Action>({
      message: "Where are secrets kept? Environment variables need no entry.",
      choices: [
        { value: { kind: "done" }, label: "Go on", hint: count(providers.length) },
        { value: { kind: "add" }, label: "Add a place" },
        ...providers.map(([alias, provider]) => ({
          value: { kind: "edit", alias, provider } as const,
          label: `${alias}: ${describeProvider(provider)}`,
          hint: "change or remove",
        })),
      ],
    });
    if (action.kind === "done") return next;
    if (action.kind === "add") next = await add(next, options);
    else next = await edit(next, action, options);
  }
}

type EditAction = { readonly kind: "edit"; readonly alias: string; readonly provider: SecretProviderConfig };
type Action = { readonly kind: "done" } | { readonly kind: "add" } | EditAction;

/** A secret provider in a few words. Arguments stay out: nobody knows what is in them. */
export function describeProvider(provider: SecretProviderConfig): string {
  if (provider.source === "file") return `file ${provider.path}${provider.mode === "singleValue" ? " (one secret)" : ""}`;
  if (provider.source === "exec") return `command ${provider.command}`;
  return provider.allowlist ? `environment, ${provider.allowlist.length} variables` : "environment";
}

async function add(draft: Draft, options: ProviderSetupOptions): Promise<Draft> {
  const { prompt, config } = options;
  const source = await prompt.select<SecretSource>({
    message: "What kind of place?",
    choices: [
      { value: "file", label: "A file", hint: "that only you can read" },
      { value: "exec", label: "A command", hint: "a password manager, a vault" },
      { value: "env", label: "Environment variables", hint: "with a list of those that may be read" },
    ],
  });
  const alias = await prompt.text({
    message: "A name for it",
    example: "vault",
    check: (text) => (Object.hasOwn(providersAfter(config, draft), text) ? `${text} is there already` : aliasProblem(text)),
  });
  return settle(draft, { alias, provider: await askProvider(prompt, source) }, options);
}

async function edit(draft: Draft, { alias, provider }: Omit<EditAction, "kind">, options: ProviderSetupOptions): Promise<Draft> {
  const what = await options.prompt.select({
    message: `${alias}: ${describeProvider(provider)}`,
    choices: [
      { value: "change", label: "Change it" },
      { value: "remove", label: "Remove it", hint: "refused later if a reference still leads there" },
      { value: "back", label: "Leave it" },
    ],
  });
  if (what === "back") return draft;
  if (what === "remove") return withoutProvider(draft, alias, Object.hasOwn(options.config.secrets?.providers ?? {}, alias));
  return settle(draft, { alias, provider: await askProvider(options.prompt, provider.source, provider) }, options);
}

/** What cannot work yet may be kept: the file may come later. */
async function settle(
  draft: Draft,
  { alias, provider }: { alias: string; provider: SecretProviderConfig },
  options: ProviderSetupOptions,
): Promise<Draft> {
  const problem = await checkProvider(alias, provider, options);
  if (problem === undefined) return withProvider(draft, alias, provider);
  options.prompt.say(`${alias} cannot be used as it is: ${problem.message}${problem.hint === undefined ? "" : `\n  ${problem.hint}`}`);
  const what = await options.prompt.select({
    message: "What now?",
    choices: [
      { value: "again", label: "Enter it again" },
      { value: "keep", label: "Keep it all the same", hint: "references to it do not resolve until this is repaired" },
      { value: "drop", label: "Leave it out" },
    ],
  });
  if (what === "keep") return withProvider(draft, alias, provider);
  if (what === "drop") return draft;
  return settle(draft, { alias, provider: await askProvider(options.prompt, provider.source, provider) }, options);
}

/** The rule of references, which name it. */
function aliasProblem(alias: string): string | undefined {
  if (forbiddenNames.has(alias)) return `a place cannot be called ${alias}`;
  try {
    parseSecretRef({ source: "env", provider: alias, id: "A" });
    return undefined;
  } catch (error) {
    if (error instanceof SecretsError) return error.message;
    throw error;
  }
}

function count(places: number): string {
  return places === 0 ? "no place set up" : `${places} set up`;
}
