import { AuthProfileError, createOAuthClient, type OAuthEndpoints, type TokenSet } from "@openclaw/auth-profiles";
import type { Clock } from "@openclaw/secrets";
import { formatRemaining } from "../render/duration.ts";

/** What a login on another device needs. */
export interface DeviceLoginOptions {
  readonly say: (text: string) => void;
  readonly clock: Pick<Clock, "now">;
  readonly signal: AbortSignal;
}

/**
 * Shows a code, which the person enters on any device, and waits.
 *
 * @throws {AuthProfileError} as a login does; the signal's reason.
 */
export async function logInWithDevice(endpoints: OAuthEndpoints, { say, clock, signal }: DeviceLoginOptions): Promise<TokenSet> {
  const { provider } = endpoints;
  const pending = await createOAuthClient(endpoints).beginDevice(signal);
  if (!isSafeAddress(pending.verificationUri)) {
    throw new AuthProfileError("oauth-bad-answer", `${provider}: the address the provider wants the code entered at is not https`);
  }
  const left = formatRemaining(pending.expiresAt - clock.now());
  say(`Log in to ${provider} on any device: open\n\n  ${pending.verificationUri}\n\nand enter this code, which is good for ${left}:\n`);
  say(`  ${pending.userCode}\n\nEnter it only if you began this login yourself. Waiting; Ctrl-C ends it.`);
  return pending.poll(signal);
}

/** A code is entered where nobody between can read it. */
function isSafeAddress(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/u.test(hostname);
}
