import { abortable, formatSecretRef, type Clock, type SecretRef } from "@openclaw/secrets";

/** What {@link createReferenceRenewal} takes. */
export interface ReferenceRenewalOptions {
  /** Asks for one reference and takes over what it leads to. Nobody's signal ends it: others may wait. */
  readonly ask: (ref: SecretRef) => Promise<void>;
  readonly clock: Pick<Clock, "now">;
}

/** A backend whose value was refused is asked again, and then not before. */
const PAUSE_MS = 30_000;

interface Renewal {
  readonly at: number;
  readonly done: Promise<void>;
}

/**
 * Asks for single references out of turn: those who want the same one share one question, and there is one in 30 seconds
 * at most, whatever it led to.
 */
export function createReferenceRenewal({ ask, clock }: ReferenceRenewalOptions): (ref: SecretRef, signal?: AbortSignal) => Promise<void> {
  const renewals = new Map<string, Renewal>();
  return async (ref, signal) => {
    const now = clock.now();
    const name = formatSecretRef(ref);
    const last = renewals.get(name);
    // The clock may have been set back.
    const isRecent = last !== undefined && now >= last.at && now - last.at < PAUSE_MS;
    const renewal = isRecent ? last : { at: now, done: ask(ref) };
    renewals.set(name, renewal);
    await abortable(renewal.done, signal);
  };
}
