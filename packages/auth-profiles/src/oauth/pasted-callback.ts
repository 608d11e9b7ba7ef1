import { Secret } from "@openclaw/secrets";
import { AuthProfileError } from "../errors.ts";

const LONGEST_PASTE = 16 * 1024;

/** The login a person pastes for. */
export interface PastedLogin {
  readonly redirectUri: string;
  readonly state: string;
}

/**
 * Reads what a person pasted where the browser could not come back: the whole address it ended at, its query,
 * or the code alone. Spaces and line breaks, which terminals and mail put in, are left out. `state` is checked before anything
 * else is looked at; a code alone has none, and is good only for the login whose verifier belongs to it.
 *
 * @returns What `PendingLogin.finish` takes.
 * @throws {AuthProfileError} `login-refused`, without a word of what was pasted.
 */
export function readPastedCallback(text: string, { redirectUri, state }: PastedLogin): URL {
  const pasted = text.replaceAll(/[\s\p{Cf}]+/gu, "");
  if (pasted === "") throw refused("nothing was pasted", "paste the address the browser ended at");
  if (pasted.length > LONGEST_PASTE) throw refused("what was pasted is longer than any address", "paste the address the browser ended at");

  const query = queryOf(pasted);
  if (query === undefined) return callbackOf(redirectUri, { code: decoded(pasted), state });
  const states = query.getAll("state");
  if (states.length === 0) throw refused("the address holds no state", "copy all of it, or paste the code alone");
  if (states.length > 1 || !Secret.of(states[0] ?? "").equals(Secret.of(state))) {
    throw refused(
      "the address belongs to another login (its state differs)",
      "open the address printed last, and paste the one it leads to",
    );
  }
  if (!query.has("code") && !query.has("error")) {
    throw refused("this is where the login begins, not where it ends", "open it, log in, and paste the address the browser ends at");
  }
  const callback = new URL(redirectUri);
  callback.search = query.toString();
  return callback;
}

function queryOf(pasted: string): URLSearchParams | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(pasted)) {
    if (!URL.canParse(pasted)) throw refused("the address cannot be read", "copy all of it, or paste the code alone");
    return new URL(pasted).searchParams;
  }
  if (/^(?:[^?#]*\?|(?:code|state|error|iss)=)/.test(pasted)) return new URLSearchParams(pasted.slice(pasted.indexOf("?") + 1));
  // Some pages show the code and the state to be copied as one.
  const [code = "", state, ...rest] = pasted.split("#");
  return state === undefined || rest.length > 0 ? undefined : new URLSearchParams({ code: decoded(code), state });
}

/** A code as it was before it became part of an address. */
function decoded(code: string): string {
  try {
    return /%[0-9a-f]{2}/i.test(code) ? decodeURIComponent(code) : code;
  } catch {
    return code;
  }
}

function callbackOf(redirectUri: string, parameters: Readonly<Record<string, string>>): URL {
  const callback = new URL(redirectUri);
  callback.search = new URLSearchParams(parameters).toString();
  return callback;
}

function refused(why: string, hint: string): AuthProfileError {
  return new AuthProfileError("login-refused", `The login was not finished: ${why}`, { hint });
}
