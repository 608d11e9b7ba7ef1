import { isIP } from "node:net";
import { hostKind } from "@openclaw/providers";
import type { Secret } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import type { Hook } from "./notice.ts";

/** What a webhook is made of. */
export interface NotifyWebhookOptions {
  readonly url: Secret;
  /** `--webhook-file`, for the message of an error. */
  readonly source: string;
  /** A signal that ends after a time: the system's, unless given. */
  readonly after?: (durationMs: number) => AbortSignal;
}

const TIMEOUT_MS = 10_000;

/**
 * A hook that posts the notice as JSON: https, or http to this machine; no redirect is followed and of the answer
 * only the status counts. The address is often a secret, so that nothing here says it.
 *
 * @throws {CliError} where the address is none that may be used.
 */
export function notifyWebhook({ url, source, after = AbortSignal.timeout }: NotifyWebhookOptions): Hook {
  checkAddress(url, source);
  return async (notice, signal) => {
    const late = after(TIMEOUT_MS);
    try {
      const response = await fetch(url.reveal(), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(notice),
        redirect: "manual",
        signal: AbortSignal.any([signal, late]),
      });
      await response.body?.cancel();
      if (response.ok) return undefined;
      const isRedirect = response.status >= 300 && response.status < 400;
      return `the webhook answered ${response.status}${isRedirect ? ", a redirect, which is not followed" : ""}`;
    } catch (error) {
      signal.throwIfAborted();
      return late.aborted ? `the webhook took longer than ${TIMEOUT_MS / 1000} s` : `the webhook cannot be reached: ${codeOf(error)}`;
    }
  };
}

function checkAddress(secret: Secret, source: string): void {
  const url = URL.parse(secret.reveal());
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isThisMachine(url.hostname))) {
    if (url.username === "" && url.password === "") return;
    throw new CliError(`${source} must hold no user name and no password`);
  }
  throw new CliError(`${source} must be an https address, or http to this machine`, "such as https://ntfy.example/my-topic");
}

/** Other names that end in `.localhost` may be looked up in the network. */
function isThisMachine(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/u, "$1");
  return hostname === "localhost" || (isIP(address) !== 0 && hostKind(hostname) === "loopback");
}

/** The messages of the platform quote the address. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "the connection failed";
}
