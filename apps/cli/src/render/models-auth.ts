import { printable } from "../io.ts";
import type { ProfileList, ListedProfile } from "../models-auth/list-profiles.ts";
import type { OrderReport } from "../models-auth/order.ts";
import type { Removal } from "../models-auth/remove-profile.ts";
import { formatRemaining } from "./duration.ts";

/** `models auth order` for people. */
export function renderOrder({ agentId, provider, authStorePath, order }: OrderReport): string {
  const ids = order === null ? "(none)" : order.length === 0 ? "(empty: no account of this provider is used)" : order.join(", ");
  return [`Agent: ${agentId}`, `Provider: ${provider}`, `Auth file: ${authStorePath}`, `Order override: ${ids}`].map(printable).join("\n");
}

/** `models auth list` for people. */
export function renderProfileList({ agentId, authStorePath, profiles, dropped }: ProfileList): string {
  const width = Math.min(72, Math.max(0, ...profiles.map(({ label }) => printable(label).length)));
  const providers = Map.groupBy(profiles, ({ provider }) => provider);
  return [
    `Agent: ${printable(agentId)}`,
    `Auth file: ${printable(authStorePath)}`,
    ...(profiles.length === 0 ? ["No accounts."] : []),
    ...[...providers].flatMap(([provider, listed]) => [
      printable(provider),
      ...listed.map((profile) => `  ${printable(profile.label).padEnd(width)}  ${printable(stateOf(profile, agentId))}`),
    ]),
    ...dropped.map(({ id, reason }) => printable(`Not an account: ${id} (${reason})`)),
  ].join("\n");
}

function stateOf({ type, access, remainingMs, isRefreshable, agentId }: ListedProfile, listedFor: string): string {
  const left = remainingMs === undefined ? "" : remainingMs > 0 ? ` (${formatRemaining(remainingMs)} left)` : "";
  const refreshed = isRefreshable ? ", is refreshed" : "";
  return `${type} ${access}${left}${refreshed}${agentId === listedFor ? "" : `, of agent ${agentId}`}`;
}

/** What `models auth remove` does, or would do, for people. */
export function renderRemoval({ agentId, profileId, store, config, alsoStoredBy }: Removal, mode: "done" | "planned" | "dry-run"): string {
  const head = {
    done: `Removed ${profileId} from agent ${agentId}:`,
    planned: `To be removed from agent ${agentId}:`,
    "dry-run": `Dry run, nothing was changed. To be removed from agent ${agentId}:`,
  };
  const others = `Agent ${alsoStoredBy.join(", ")} stores an account of the same id, which stays, and so does what openclaw.json says of it.`;
  return [
    head[mode],
    ...store.map((place) => `  ${place}`),
    ...config.map((place) => `  openclaw.json: ${place}`),
    ...(alsoStoredBy.length > 0 ? [others] : []),
  ]
    .map(printable)
    .join("\n");
}

/** What `models auth paste-token` stored. */
export interface PastedReport {
  readonly configPath: string;
  readonly agentId: string;
  readonly profileId: string;
  readonly provider: string;
  /** Public prefix and fingerprint. */
  readonly shown: string;
  readonly length: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number | undefined;
}

/** `models auth paste-token` for people. */
export function renderPasted({ configPath, agentId, profileId, provider, shown, length, expiresAt }: PastedReport): string {
  return [
    `Updated ${configPath}`,
    `Auth profile: ${profileId} (${provider}/token)`,
    `Agent: ${agentId}`,
    `Token: ${shown}, ${length} characters`,
    ...(expiresAt === undefined ? [] : [`Expires: ${new Date(expiresAt).toISOString()}`]),
  ]
    .map(printable)
    .join("\n");
}
