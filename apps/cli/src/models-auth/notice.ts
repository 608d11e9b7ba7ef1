import type { ExpiryEvent } from "@openclaw/auth-profiles";

/** What a hook is given, as JSON. It holds no secret. */
export interface Notice extends ExpiryEvent {
  readonly version: 1;
  readonly agentId: string;
  /** The line a person reads. Chat programs show what is called `text`. */
  readonly text: string;
}

/** Passes a notice on. Resolves with what went wrong, if anything did, in words that hold no address. */
export type Hook = (notice: Notice, signal: AbortSignal) => Promise<string | undefined>;
