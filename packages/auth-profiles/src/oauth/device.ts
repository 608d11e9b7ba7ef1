import type { Clock } from "@openclaw/secrets";
import { AuthProfileError } from "../errors.ts";
import { readDeviceOffer } from "./device-offer.ts";
import { nextInterval } from "./device-pace.ts";
import type { OAuthEndpoints } from "./endpoints.ts";
import { loginTokens } from "./login-tokens.ts";
import type { TokenEndpoint } from "./token-endpoint.ts";
import type { TokenSet } from "./token-set.ts";

/** A device login that waits for its person (RFC 8628). */
export interface PendingDevice {
  /** Printable ASCII, to be shown as it is. */
  readonly userCode: string;
  /** http or https. */
  readonly verificationUri: string;
  /** http or https; absent where the provider gave none that is. */
  readonly verificationUriComplete?: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /**
   * Asks at the provider's pace until the person has decided. One at a time.
   *
   * @throws {AuthProfileError} `oauth-denied`, `login-timeout`, `login-refused`, `oauth-bad-answer`; the signal's reason, as it came.
   */
  poll(signal?: AbortSignal): Promise<TokenSet>;
}

export interface DeviceParts {
  readonly endpoints: OAuthEndpoints;
  readonly tokenEndpoint: TokenEndpoint;
  readonly clock: Clock;
}

/**
 * Asks for a code to show.
 *
 * @throws {AuthProfileError} as a login does; the signal's reason, as it came.
 */
export async function beginDevice({ endpoints, tokenEndpoint, clock }: DeviceParts, signal?: AbortSignal): Promise<PendingDevice> {
  const { provider } = endpoints;
  if (endpoints.deviceUrl === undefined) {
    throw new AuthProfileError("oauth-endpoint-refused", `${provider} has no device login`);
  }
  const askedAt = clock.now();
  const answer = await tokenEndpoint.beginDevice(signal);
  const offer = readDeviceOffer(answer, clock.now());
  if ("verdict" in offer) {
    loginTokens(offer.verdict, endpoints);
    throw new AuthProfileError("oauth-bad-answer", `${provider}: the provider gave tokens where a device code is due`);
  }
  const { deviceCode, lifeSeconds, intervalSeconds, ...shown } = offer;
  const expiresAt = askedAt + lifeSeconds * 1000;
  let isPolling = false;
  // Kept between polls: slow_down holds for good.
  let interval = intervalSeconds;

  async function pollUntilDecided(signal: AbortSignal | undefined): Promise<TokenSet> {
    for (;;) {
      await clock.sleep(Math.min(interval * 1000, expiresAt - clock.now()), signal);
      if (clock.now() >= expiresAt)
        return loginTokens({ kind: "refused", error: "expired_token", status: 0, intervalSeconds: undefined }, endpoints);
      const verdict = await tokenEndpoint.askForDevice(deviceCode, signal);
      const next = nextInterval(verdict, interval);
      if (next === undefined) return loginTokens(verdict, endpoints);
      interval = next;
    }
  }

  return {
    ...shown,
    expiresAt,
    async poll(signal) {
      if (isPolling) throw new AuthProfileError("login-refused", `${provider}: this login is being polled already`);
      isPolling = true;
      try {
        return await pollUntilDecided(signal);
      } finally {
        isPolling = false;
      }
    },
  };
}
