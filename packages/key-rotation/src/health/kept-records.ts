import type { CredentialRecord, HealthRecords, WindowRecord } from "./record.ts";
import { windowOf } from "./slot.ts";
import { allModels, type Unit } from "./unit.ts";
import type { Units } from "./units.ts";
import { longestWindow, type CooldownPolicy, type CooldownReason, type CooldownWindow } from "./window.ts";

/** How a window for all models is called where it is kept. A model of that name is not kept. */
export const ALL_MODELS = "*";

/** What is worth keeping of the credentials of one store. */
export function recordsOf(
  store: string | undefined,
  { units, policy, now, lastGood }: { units: Units; policy: CooldownPolicy; now: number; lastGood: Readonly<Record<string, string>> },
): HealthRecords {
  const credentials = new Map<string, CredentialRecord>();
  for (const unit of units.ofStore(store)) {
    const windows = Object.fromEntries(windowsOf(unit, now, policy));
    const { lastUsed } = unit;
    if (lastUsed === undefined && Object.keys(windows).length === 0) continue;
    credentials.set(unit.id, { ...(lastUsed !== undefined && { lastUsed }), windows });
  }
  return { credentials, lastGood };
}

function windowsOf(unit: Unit, now: number, policy: CooldownPolicy): readonly (readonly [string, WindowRecord])[] {
  return [...unit.slots].flatMap(([model, slot]) => {
    const window = windowOf(slot, now, policy);
    if (window === undefined || model === ALL_MODELS) return [];
    const { until, reason, count } = window;
    return [[model ?? ALL_MODELS, { until, reason, count }] as const];
  });
}

/** What is taken over with. */
interface AdoptTools {
  readonly units: Units;
  readonly policy: CooldownPolicy;
  readonly now: number;
  /** The latest attempt that has begun: what fails of those under way joins the windows. */
  readonly latestAttempt: number;
}

/** Makes one credential what its record says. Returns the models of which it has another window than before. */
export function adoptRecord(unit: Unit, record: CredentialRecord | undefined, tools: AdoptTools): readonly (string | undefined)[] {
  const { units, policy, now } = tools;
  const wanted = new Map<string | undefined, WindowRecord>();
  for (const [name, window] of Object.entries(record?.windows ?? {})) {
    if (Number.isFinite(window.until)) wanted.set(name === ALL_MODELS ? allModels : name, window);
  }
  const changed: (string | undefined)[] = [];
  // Nothing was used later than now: the clock was ahead then.
  const lastUsed = Math.min(record?.lastUsed ?? 0, now);
  if (lastUsed > (unit.lastUsed ?? 0)) unit.lastUsed = lastUsed;
  for (const model of new Set([...unit.slots.keys(), ...wanted.keys()])) {
    // A model called * is nowhere but here.
    if (model === ALL_MODELS) continue;
    const window = wanted.get(model);
    const slot = window === undefined ? unit.slots.get(model) : units.slotOf(unit, model);
    const known = slot && windowOf(slot, now, policy);
    if (slot === undefined || isSame(known, window)) continue;
    slot.window = window && windowFrom(window, known, tools);
    changed.push(model);
  }
  return changed;
}

function isSame(known: CooldownWindow | undefined, window: WindowRecord | undefined): boolean {
  if (known === undefined || window === undefined) return known === window;
  return known.until === window.until && known.reason === window.reason && known.count === window.count;
}

function windowFrom(
  { until, reason: text, count }: WindowRecord,
  known: CooldownWindow | undefined,
  { policy, now, latestAttempt }: AdoptTools,
): CooldownWindow {
  const reason = reasonFrom(text);
  return {
    until: heededUntil({ until, reason }, now, policy),
    reason,
    count: Number.isFinite(count) ? Math.max(1, Math.trunc(count)) : 1,
    // A success of an attempt before the one that failed here still says nothing.
    failedAttempt: known?.failedAttempt ?? 0,
    lastInFlight: latestAttempt,
  };
}

/** The end of a kept window that requests heed: no window is longer than the policy's longest. */
export function heededUntil({ until, reason }: Pick<WindowRecord, "until" | "reason">, now: number, policy: CooldownPolicy): number {
  return Math.min(until, now + longestWindow(reasonFrom(reason), policy));
}

/** What somebody has to mend keeps a credential longer than what ends by itself. */
function reasonFrom(text: string): CooldownReason {
  if (text === "billing") return "billing";
  return text === "auth_permanent" || text === "auth" ? "auth_permanent" : "rate_limit";
}
