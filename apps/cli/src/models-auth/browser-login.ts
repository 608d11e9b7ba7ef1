import {
  AuthProfileError,
  createOAuthClient,
  listenForCallback,
  readPastedCallback,
  type CallbackListener,
  type OAuthEndpoints,
  type PastedLogin,
  type PendingLogin,
  type TokenSet,
} from "@openclaw/auth-profiles";
import { systemClock, type Clock } from "@openclaw/secrets";
import type { Prompt } from "../prompt.ts";

/** What a login through a browser needs of the person and the machine. */
export interface BrowserLoginOptions {
  /** Opens the person's browser, and says whether there was one; absent where none can be expected. */
  readonly open?: (url: URL) => Promise<boolean>;
  /** Opens the terminal for a question that the signal takes back. */
  readonly ask: (signal: AbortSignal) => Promise<Prompt>;
  readonly say: (text: string) => void;
  readonly clock?: Clock;
  readonly signal: AbortSignal;
}

/** As long as the listener waits. */
const WITHIN_MS = 5 * 60_000;
/** What is shorter is an answer to another question. */
const SHORTEST_PASTE = 8;

/**
 * Logs in through a browser: it comes back to this machine, or the person pastes where it ended, whichever is first.
 *
 * @throws {AuthProfileError} as a login does; {Interrupted} when the person does not want to; the signal's reason.
 */
export async function logInWithBrowser(endpoints: OAuthEndpoints, options: BrowserLoginOptions): Promise<TokenSet> {
  const { open, ask, say, clock = systemClock, signal } = options;
  const client = createOAuthClient(endpoints, { clock });
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  let pending: PendingLogin | undefined;
  const listener = await listen(endpoints, (callback) => pending?.isOwn(callback) ?? false, { clock, signal: until });
  let asking: Promise<URL> | undefined;
  try {
    const redirectUri = listener?.redirectUri ?? redirectUriOf(endpoints);
    pending = await client.beginLogin({ redirectUri });
    const { url, state } = pending;
    say(`Log in to ${endpoints.provider} at this address:\n\n${url.href}\n`);
    if (listener === undefined) {
      say(`Port ${endpoints.redirectPort} of this machine is taken, so the browser cannot come back by itself.`);
    } else if (open === undefined) {
      say(`Any browser will do. It may end at a page that does not load; its address begins with\n${redirectUri}`);
    }
    if (open !== undefined) say((await open(url)) ? "Your browser is being opened." : "No browser could be opened from here.");
    asking = askForCallback(await ask(until), { redirectUri, state });
    // The question is taken back before anything else is said.
    asking.catch(() => undefined);
    const callback = await Promise.race([asking, listener?.received ?? tooLate(endpoints, clock, until)]);
    over.abort();
    await asking.catch(() => undefined);
    return await pending.finish(callback, signal);
  } finally {
    over.abort();
    await asking?.catch(() => undefined);
    await listener?.close();
  }
}

/** `undefined` where the port that the provider knows is taken. */
async function listen(
  { redirectPort, redirectPath = "/callback", redirectHost }: OAuthEndpoints,
  accepts: (callback: URL) => boolean,
  within: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<CallbackListener | undefined> {
  try {
    return await listenForCallback({
      path: redirectPath,
      accepts,
      ...(redirectPort !== undefined && { port: redirectPort }),
      ...(redirectHost !== undefined && { redirectHost }),
      ...within,
    });
  } catch (error) {
    if (redirectPort !== undefined && error instanceof AuthProfileError && error.code === "login-refused") return undefined;
    throw error;
  }
}

function redirectUriOf({ redirectHost = "127.0.0.1", redirectPort, redirectPath = "/callback" }: OAuthEndpoints): string {
  return `http://${redirectHost}:${redirectPort}${redirectPath}`;
}

function askForCallback(prompt: Prompt, login: PastedLogin): Promise<URL> {
  return prompt.secret({
    message: "Paste the address your browser ended at, or the code",
    read: (pasted) => {
      const length = pasted.trim().length;
      if (length > 0 && length < SHORTEST_PASTE) return "That is too short to be either";
      try {
        return { value: readPastedCallback(pasted, login) };
      } catch (error) {
        if (!(error instanceof AuthProfileError)) throw error;
        return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
      }
    },
  });
}

async function tooLate({ provider }: OAuthEndpoints, clock: Clock, signal: AbortSignal): Promise<never> {
  await clock.sleep(WITHIN_MS, signal);
  throw new AuthProfileError("login-timeout", `${provider}: nothing was pasted within 5 minutes`, {
    hint: `begin again: openclaw models auth login --provider ${provider}`,
  });
}
