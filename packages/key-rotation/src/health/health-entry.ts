import type { CooldownWindow } from "./window.ts";

/** One window, as people look at it. */
export interface HealthEntry {
  /** Of a credential, or `bucket:<provider>:<name>` for a quota that several share. */
  readonly id: string;
  readonly store?: string;
  /** The model the window is for, or `*` for all. */
  readonly model: string;
  /** Its end may lie in the past: the credential is half-open then. */
  readonly window: CooldownWindow;
}

/** Requests that are under way with a credential, or with a quota that several share. */
export interface InFlight {
  readonly id: string;
  readonly store?: string;
  /** 1 or more. */
  readonly count: number;
}
