import type { Plan } from "@openclaw/key-rotation";
import { authProviderId, normalizeProviderId } from "@openclaw/providers";
import type { AuthConfig, StrategyConfig } from "./auth-config.ts";

/** How one of the credentials of a provider is chosen: by its own entry of `auth.strategies`, else by that of `*`. */
export function planStrategy(provider: string, strategies: AuthConfig["strategies"] = {}): Pick<Plan, "strategy" | "headroomWindow"> {
  const find = (id: string): StrategyConfig | undefined => {
    const named = Object.entries(strategies).filter(([text]) => normalizeProviderId(text) === id);
    return (named.find(([text]) => text === id) ?? named[0])?.[1];
  };
  // A plan of a provider is chosen from as its provider is, unless it is named.
  const entry = find(provider) ?? find(authProviderId(provider)) ?? find("*");
  if (entry === undefined) return {};
  if (typeof entry === "string") return { strategy: entry };
  return { strategy: entry.strategy, ...(entry.window !== undefined && { headroomWindow: entry.window }) };
}
