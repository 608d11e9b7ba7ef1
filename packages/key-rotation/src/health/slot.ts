import type { Ticket } from "./ticket.ts";
import type { CooldownPolicy, CooldownWindow } from "./window.ts";

/** What is remembered of one credential, or of one bucket, for one model or for all. */
export interface Slot {
  window: CooldownWindow | undefined;
  /** The one request that tries a half-open credential. */
  probe: Ticket | undefined;
  /** When the probe began. */
  probedAt: number;
  /** Latest attempt that succeeded. */
  lastSuccess: number;
}

export function createSlot(): Slot {
  return { window: undefined, probe: undefined, probedAt: 0, lastSuccess: 0 };
}

/** The window of a slot, unless it is forgotten by now. */
export function windowOf(slot: Slot, now: number, policy: CooldownPolicy): CooldownWindow | undefined {
  if (slot.window && now >= slot.window.until + policy.forgetMs) slot.window = undefined;
  return slot.window;
}

/** The window that keeps a request from being made now: it is open, or half-open and another request probes. */
export function barringWindow(slot: Slot, now: number, policy: CooldownPolicy): CooldownWindow | undefined {
  const window = windowOf(slot, now, policy);
  const isProbed = slot.probe !== undefined && now < slot.probedAt + policy.probeMs;
  return window && (isProbed || now < window.until) ? window : undefined;
}
