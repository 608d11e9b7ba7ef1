import { withUserinfo, type OAuthEndpoints, type TokenSet } from "@openclaw/auth-profiles";
import { resolveOAuthEndpoints, type HomeSnapshot, type MetadataStamp } from "@openclaw/home";
import type { Clock, Env } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import type { Prompt } from "../prompt.ts";
import { logInWithBrowser } from "./browser-login.ts";
import { logInWithDevice } from "./device-login.ts";
import { noLogin } from "./login-providers.ts";
import { isHeadless, openBrowser } from "./open-browser.ts";
import { requireProfileId, type StoredAccount } from "./store-account.ts";
import { storeLogin } from "./store-login.ts";

/** What somebody logs in to, and how. */
export interface LoginRequest {
  readonly provider: string;
  readonly agentId: string | undefined;
  readonly profileId: string | undefined;
  readonly isDevice: boolean;
  readonly opensBrowser: boolean;
  readonly mayReplace: boolean;
}

/** The person and the machine. */
export interface LoginPlace {
  readonly env: Env;
  readonly platform: NodeJS.Platform;
  readonly clock: Pick<Clock, "now">;
  readonly say: (text: string) => void;
  /** A person at a terminal, if there is one. */
  readonly ask: (signal: AbortSignal) => Promise<Prompt> | undefined;
  readonly stamp: () => MetadataStamp;
  readonly signal: AbortSignal;
}

/** Logs in and stores the login. `undefined` where the person would rather keep the account that is there. */
export async function logIn(home: HomeSnapshot, request: LoginRequest, place: LoginPlace): Promise<StoredAccount | undefined> {
  const { agentId, profileId } = request;
  const { signal } = place;
  // Before anybody logs in for nothing.
  home.agents.find(agentId).profiles();
  if (profileId !== undefined) requireProfileId(profileId);
  const endpoints = await resolveOAuthEndpoints(home, request.provider, signal);
  if (endpoints === undefined) throw noLogin(home, request.provider);

  const tokens = await withUserinfo(await tokensOf(endpoints, request, place), endpoints, { signal });
  const { provider, clientId } = endpoints;
  const login = { agentId, provider, profileId, tokens, clientId, stamp: place.stamp(), signal };
  const result = await storeLogin(home, { ...login, mayReplace: request.mayReplace });
  if ("stored" in result) return result.stored;

  const { other } = result;
  const prompt = await place.ask(signal);
  const what = `${other.profileId} is ${other.stored}, and the login is of ${other.login}.`;
  if (prompt === undefined) {
    throw new CliError(`${what} Nothing was changed.`, "log in as the account that is meant, name another --profile-id, or add --replace");
  }
  prompt.say(what);
  if (!(await prompt.confirm({ message: "Replace it by this login?", initial: false }))) return undefined;
  const replaced = await storeLogin(home, { ...login, mayReplace: true });
  return "stored" in replaced ? replaced.stored : undefined;
}

function tokensOf(endpoints: OAuthEndpoints, request: LoginRequest, place: LoginPlace): Promise<TokenSet> {
  const { provider, authorizationUrl, deviceUrl } = endpoints;
  if (request.isDevice && deviceUrl === undefined) throw new CliError(`${provider} has no device login`, "leave out --device");
  if (request.isDevice || authorizationUrl === undefined) {
    if (deviceUrl === undefined) throw new CliError(`${provider}: the login has neither an authorizationUrl nor a deviceUrl`);
    return logInWithDevice(endpoints, place);
  }
  const ask = (signal: AbortSignal) => {
    const asking = place.ask(signal);
    if (asking === undefined) throw new CliError("models auth login requires an interactive TTY.");
    return asking;
  };
  const canOpen = request.opensBrowser && !isHeadless(place);
  if (!canOpen && deviceUrl !== undefined) place.say("Without a browser here, --device may be easier.");
  return logInWithBrowser(endpoints, {
    ...(canOpen && { open: (url: URL) => openBrowser(url, place) }),
    ask,
    say: place.say,
    signal: place.signal,
  });
}
