import type { CooldownPolicy } from "@openclaw/key-rotation";
import { authProviderId } from "@openclaw/providers";
import type { Config } from "./config.ts";

const HOUR_MS = 60 * 60 * 1000;

/** How long credentials are left alone, as `auth.cooldowns` says. */
export function cooldownPolicy({ auth }: Config): Partial<CooldownPolicy> {
  const { billingBackoffHours, billingBackoffHoursByProvider, billingMaxHours, failureWindowHours } = auth?.cooldowns ?? {};
  return {
    ...(billingBackoffHours !== undefined && { billingMs: billingBackoffHours * HOUR_MS }),
    ...(billingBackoffHoursByProvider && { billingMsByProvider: byProvider(billingBackoffHoursByProvider) }),
    ...(billingMaxHours !== undefined && { billingMaxMs: billingMaxHours * HOUR_MS }),
    ...(failureWindowHours !== undefined && { forgetMs: failureWindowHours * HOUR_MS }),
  };
}

/** By the provider whose credentials are used. Its own spelling wins over others, and among these the first. */
function byProvider(hours: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const found = new Map<string, number>();
  for (const [text, value] of Object.entries(hours)) {
    const id = authProviderId(text);
    if (text === id || !found.has(id)) found.set(id, value * HOUR_MS);
  }
  return Object.fromEntries(found);
}
