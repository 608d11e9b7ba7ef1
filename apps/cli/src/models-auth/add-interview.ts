import type { HomeSnapshot } from "@openclaw/home";
import { providerSpecs } from "@openclaw/providers";
import { CliError } from "../exit.ts";
import type { Prompt } from "../prompt.ts";
import { parseDuration } from "./duration.ts";
import { loginProviders } from "./login-providers.ts";
import { requireProfileId, requireProvider } from "./store-account.ts";

/** The kinds of account that are added by hand. */
type AddedType = "api_key" | "token";

/** What is to be added. */
export interface AddPlan {
  readonly provider: string;
  readonly type: AddedType;
  readonly profileId: string;
  readonly expiresInMs: number | undefined;
}

/** What was said beforehand. */
export interface AddFlags {
  readonly provider?: string;
  readonly type?: string;
  readonly profileId?: string;
  readonly expiresIn?: string;
}

/** What nobody is asked about. @throws {CliError} where that leaves something open or makes no sense. */
export function planOf({ provider, type = "api_key", profileId, expiresIn }: AddFlags): AddPlan {
  if (provider === undefined)
    throw new CliError("--provider is needed where nobody can be asked", "for example --provider openai --type api_key");
  if (type !== "api_key" && type !== "token") throw new CliError(`--type ${JSON.stringify(type)} is neither api_key nor token`);
  if (type === "api_key" && expiresIn !== undefined)
    throw new CliError("--expires-in is for tokens; an API key has no end", "add --type token");
  const id = requireProvider(provider);
  return {
    provider: id,
    type,
    profileId: requireProfileId(profileId ?? usualId(id, type)),
    expiresInMs: expiresIn === undefined ? undefined : parseDuration(expiresIn),
  };
}

/** Asks for whatever was not said. A person may find that they want to log in. */
export async function askPlan(
  home: Pick<HomeSnapshot, "providers">,
  flags: AddFlags,
  prompt: Prompt,
): Promise<AddPlan | { readonly logIn: string }> {
  const provider = flags.provider ?? (await askProvider(home, prompt));
  const id = requireProvider(provider);
  const type = flags.type ?? (await askType(home, id, prompt));
  if (type === "login") return { logIn: id };
  const plan = planOf({ ...flags, provider, type });
  const profileId =
    flags.profileId ??
    (await prompt.text({
      message: "Id of the account",
      initial: plan.profileId,
      check: (text) => problemOf(() => requireProfileId(text)),
    }));
  if (plan.type === "api_key" || flags.expiresIn !== undefined) return { ...plan, profileId };
  const ends = await prompt.text({
    message: "When does the token end? Empty if it does not, or you do not know",
    example: "365d or 12h",
    check: (text) => (text === "" ? undefined : problemOf(() => parseDuration(text))),
  });
  return { ...plan, profileId, expiresInMs: ends === "" ? undefined : parseDuration(ends) };
}

const OTHER = Symbol("another provider");

async function askProvider({ providers }: Pick<HomeSnapshot, "providers">, prompt: Prompt): Promise<string> {
  const known = providerSpecs.filter(({ authKinds }) => authKinds.some((kind) => kind !== "aws-sdk" && kind !== "adc")).map(({ id }) => id);
  const ids = [...new Set([...providers.configured, ...known.toSorted()])];
  const choices = [
    ...ids.map((id) => ({ value: id, label: id })),
    { value: OTHER, label: "another provider", hint: "you type its id" },
  ] as const;
  const chosen = await prompt.select<string | typeof OTHER>({ message: "Provider", choices });
  if (chosen !== OTHER) return chosen;
  return prompt.text({ message: "Id of the provider", example: "acme", check: (text) => problemOf(() => requireProvider(text)) });
}

async function askType({ providers }: Pick<HomeSnapshot, "providers">, id: string, prompt: Prompt): Promise<AddedType | "login"> {
  const kinds = providers.find(id)?.spec.authKinds ?? [];
  const isFor = (kind: AddedType) => kinds.length === 0 || kinds.includes(kind);
  const choices = [
    ...(loginProviders({ providers }).includes(id)
      ? [{ value: "login" as const, label: "Log in", hint: "through a browser or a device" }]
      : []),
    ...(isFor("api_key") ? [{ value: "api_key" as const, label: "API key" }] : []),
    ...(isFor("token") ? [{ value: "token" as const, label: "Token", hint: "such as a setup-token" }] : []),
  ];
  const [only, ...more] = choices;
  if (only === undefined) return "api_key";
  return more.length === 0 ? only.value : prompt.select<AddedType | "login">({ message: `What do you have for ${id}?`, choices });
}

function usualId(provider: string, type: AddedType): string {
  return `${provider}:${type === "token" ? "manual" : "default"}`;
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`;
  }
}
