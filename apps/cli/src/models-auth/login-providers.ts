import type { HomeSnapshot } from "@openclaw/home";
import { providerSpecs } from "@openclaw/providers";
import { CliError } from "../exit.ts";

/** The providers one can log in to, by id: those that are known, and those that are configured. */
export function loginProviders({ providers }: Pick<HomeSnapshot, "providers">): readonly string[] {
  const ids = [...providerSpecs.map(({ id }) => id), ...providers.configured];
  const withLogin = [...new Set(ids)].filter((id) => {
    const found = providers.find(id);
    return found !== undefined && (found.config?.oauth?.tokenUrl ?? found.spec.oauth?.tokenUrl) !== undefined;
  });
  return withLogin.toSorted();
}

/** Whether a provider has a login on another device. */
export function hasDeviceLogin({ providers }: Pick<HomeSnapshot, "providers">, name: string): boolean {
  const found = providers.find(name);
  const own = found?.config?.oauth;
  return (own?.tokenUrl === undefined ? (own?.deviceUrl ?? found?.spec.oauth?.deviceUrl) : own.deviceUrl) !== undefined;
}

/** That one cannot log in to a provider, with what can be done. */
export function noLogin(home: Pick<HomeSnapshot, "providers">, name: string): CliError {
  const found = home.providers.find(name);
  if (found?.spec.id === "anthropic") {
    return new CliError(
      "anthropic has no login for other programs than its own.",
      "openclaw models auth setup-token stores a token of a subscription; an API key is what Anthropic permits: openclaw models auth add",
    );
  }
  const what = found === undefined ? `No provider is called ${JSON.stringify(name)}.` : `${found.spec.id} has no login.`;
  const own = `models.providers.${found?.spec.id ?? "<id>"}.oauth`;
  return new CliError(what, `these have one: ${loginProviders(home).join(", ")}; another can be given one under ${own}`);
}
