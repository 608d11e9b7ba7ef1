import type { OrderReport } from "@openclaw/home";
import { printable } from "../io.ts";
import type { ProfileList, ListedProfile } from "../models-auth/list-profiles.ts";
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

function stateOf(profile: ListedProfile, listedFor: string): string {
  const { type, access, status, remainingMs, isRefreshable, agentId, importedFrom } = profile;
  const left = remainingMs === undefined ? "" : remainingMs > 0 ? ` (${formatRemaining(remainingMs)} left)` : "";
  const refreshed = isRefreshable ? ", is refreshed" : "";
  const from = importedFrom === undefined ? "" : `, from ${importedFrom}`;
  // The word of `models status`; of a reference that leads nowhere that word is of what is stored.
  return `${type} ${access === "missing" ? access : status}${left}${refreshed}${from}${agentId === listedFor ? "" : `, of agent ${agentId}`}`;
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

/** What `models auth paste-token`, `setup-token` or `add` stored. */
export interface PastedReport {
  readonly configPath: string;
  readonly agentId: string;
  readonly profileId: string;
  readonly provider: string;
  /** `token` unless given. */
  readonly type?: "api_key" | "token";
  /** Public prefix and fingerprint, or the reference. */
  readonly shown: string;
  /** Of a value; a reference has none. */
  readonly length: number | undefined;
  /** Epoch milliseconds. */
  readonly expiresAt: number | undefined;
}

/** A pasted credential that was stored, for people. */
export function renderPasted(report: PastedReport): string {
  const { configPath, agentId, profileId, provider, type = "token", shown, length, expiresAt } = report;
  return [
    `Updated ${configPath}`,
    `Auth profile: ${profileId} (${provider}/${type})`,
    `Agent: ${agentId}`,
    `${type === "token" ? "Token" : "Key"}: ${shown}${length === undefined ? "" : `, ${length} characters`}`,
    ...(expiresAt === undefined ? [] : [`Expires: ${new Date(expiresAt).toISOString()}`]),
  ]
    .map(printable)
    .join("\n");
}
