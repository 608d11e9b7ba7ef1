import { isCredentialVariable, type HomeSnapshot } from "@openclaw/home";
import { keyVariables } from "@openclaw/key-rotation";
import { authProviderId } from "@openclaw/providers";
import { parseSecretRef, SecretsError, type SecretProviderConfig, type SecretProviders, type SecretRef } from "@openclaw/secrets";
import type { Prompt } from "../prompt.ts";
import { describeProvider } from "./provider-setup.ts";
import { pointersIn } from "./pointers.ts";

/** What a reference is asked for with. */
export interface ReferenceQuestion {
  readonly prompt: Prompt;
  readonly home: HomeSnapshot;
  /** As they will be. */
  readonly providers: SecretProviders;
  /** What is to hold the reference. */
  readonly place: string;
  /** Whose requests use it: its variables are shown first. */
  readonly provider: string | undefined;
}

type Kept = readonly [alias: string, config: SecretProviderConfig];

/** Asks for a reference: where the secret is kept, then which one there. */
export async function askReference({ prompt, home, providers, place, provider }: ReferenceQuestion): Promise<SecretRef> {
  const kept: readonly Kept[] = [
    ...(Object.hasOwn(providers, "default") ? [] : [["default", { source: "env" }] as const]),
    ...Object.entries(providers),
  ];
  const [alias, config] = await prompt.select<Kept>({
    message: `${place}: where is its secret kept?`,
    choices: kept.map((entry) => ({ value: entry, label: `${entry[0]}: ${describeProvider(entry[1])}` })),
  });
  const { source } = config;
  const check = (id: string) => idProblem({ source, provider: alias, id });
  if (config.source === "env") {
    return {
      source,
      provider: alias,
      id: await chooseOrType(prompt, "Which variable?", variables(home, config.allowlist, provider), "OPENAI_API_KEY", check),
    };
  }
  if (config.source === "exec") {
    return {
      source,
      provider: alias,
      id: await prompt.text({ message: "Which id is the command asked for?", example: "providers/openai/apiKey", check }),
    };
  }
  if (config.mode === "singleValue") return { source, provider: alias, id: "value" };
  const pointers = await pointersIn(config, home.paths.home);
  return {
    source,
    provider: alias,
    id: await chooseOrType(prompt, "Which secret of the file?", pointers, "/providers/openai/apiKey", check),
  };
}

async function chooseOrType(
  prompt: Prompt,
  message: string,
  known: readonly string[],
  example: string,
  check: (id: string) => string | undefined,
): Promise<string> {
  const choices = known.filter((id) => check(id) === undefined).map((id) => ({ value: id, label: id }));
  const chosen =
    choices.length === 0
      ? undefined
      : await prompt.select<string | undefined>({
          message,
          choices: [...choices, { value: undefined, label: "Another one", hint: "type its name" }],
        });
  return chosen ?? prompt.text({ message, example, check });
}

/** Names of variables that are set and may hold a credential; those of the provider first. */
function variables({ env }: HomeSnapshot, allowlist: readonly string[] | undefined, provider: string | undefined): readonly string[] {
  const own = provider === undefined ? undefined : keyVariables(authProviderId(provider));
  const isOwn = (name: string) => own !== undefined && (name === own.primary || name.startsWith(own.prefix));
  const names = Object.keys(env.values).filter(
    (name) => env.values[name]?.trim() && (allowlist ? allowlist.includes(name) : isSecretName(name)),
  );
  return names.toSorted((left, right) => Number(isOwn(right)) - Number(isOwn(left)) || (left < right ? -1 : 1));
}

function isSecretName(name: string): boolean {
  return isCredentialVariable(name) || /(?:KEY|TOKEN|SECRET|PASSWORD)/u.test(name);
}

function idProblem(ref: SecretRef): string | undefined {
  try {
    parseSecretRef({ ...ref });
    return undefined;
  } catch (error) {
    if (error instanceof SecretsError) return error.message;
    throw error;
  }
}
