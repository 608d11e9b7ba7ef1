import type { Candidate, Clock } from "@openclaw/secrets";
import type { Advance } from "./advance.ts";
import type { Failure } from "./failure.ts";

/** What {@link renewOnce} takes. */
export interface RenewOnceOptions {
  readonly clock: Pick<Clock, "now">;
}

/** A credential whose renewal did not help is not renewed again before. */
const PAUSE_MS = 30_000;

/**
 * A 401 for a credential that can be renewed says first that its secret is stale: it is renewed and tried once more, once
 * per request, before `advance` decides. A provider that refuses the fresh secret too is not asked for another one by each
 * request: for 30 seconds `advance` decides at once. A 403 is about what an account may do, which no fresh secret changes.
 *
 * @example
 * const advance = renewOnce(profileFailover(), { clock });
 */
export function renewOnce(advance: Advance, { clock }: RenewOnceOptions): Advance {
  /** By credential: when its renewal was last in vain. */
  const inVain = new Map<string, number>();

  function isPaused({ provider, id }: Candidate): boolean {
    const now = clock.now();
    for (const [name, at] of inVain) if (now - at >= PAUSE_MS || now < at) inVain.delete(name);
    return inVain.has(nameOf(provider, id));
  }

  return (failure, from, to, history) => {
    const failures = history.filter((attempt) => attempt.candidate === from).map((attempt) => attempt.failure);
    const wasRenewed = failures.filter(isRefusal).length > 1;
    if (wasRenewed && isRefusal(failure)) inVain.set(nameOf(from.provider, from.id), clock.now());
    const isFirst = failures.length <= 1;
    return isFirst && from.isRenewable === true && isRefusal(failure) && !isPaused(from) ? "same" : advance(failure, from, to, history);
  };
}

/** Also where it sounds final: providers say `invalid_api_key` of a token that was right a minute ago. */
function isRefusal(failure: Failure): boolean {
  return failure.status === 401 && (failure.class === "auth" || failure.class === "auth_permanent");
}

function nameOf(provider: string, id: string): string {
  return `${provider} ${id}`;
}
