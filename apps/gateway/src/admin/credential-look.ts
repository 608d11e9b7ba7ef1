import type { ProfileHealth } from "@openclaw/auth-profiles";
import { allKeys, credentialOwner, readableProfiles, windowState, type HomeSnapshot } from "@openclaw/home";
import type { HealthEntry } from "@openclaw/key-rotation";
import type { GatewayContext } from "../context.ts";
import { credentialFingerprint, type CredentialName } from "../credential-fingerprint.ts";
import type { AccountHealthView, CredentialView, WindowView } from "./views.ts";

/** Credentials and how they are, at one moment. */
export interface CredentialLook {
  readonly home: HomeSnapshot;
  /** Epoch milliseconds. */
  readonly now: number;
  view(credential: CredentialName): CredentialView;
  /** Those with a window or a request under way, in whichever store. */
  observed(): readonly CredentialView[];
}

/** Looks once at what health knows: it goes through all of it. */
export function lookAtCredentials({ home: { current: home }, health, clock }: GatewayContext): CredentialLook {
  const now = clock.now();
  const keys = allKeys(home);
  // Where two agents share a store, it is the first one's.
  const agents = new Map(home.agents.all.toReversed().map((agent) => [agent.storePath, agent]));
  const windows = Map.groupBy(health.inspect(), keyOf);
  const inFlight = new Map(health.inFlight().map((entry) => [keyOf(entry), entry]));

  function ownerOf({ id, store }: CredentialName): Pick<CredentialView, "kind" | "provider" | "origin"> {
    const agent = store === undefined ? undefined : agents.get(store);
    const profile = agent && readableProfiles(agent)?.store.profiles.get(id);
    if (id.endsWith(":none")) return { kind: "none", provider: id.slice(0, -":none".length) };
    return credentialOwner(id, keys, profile?.provider);
  }

  function view(credential: CredentialName): CredentialView {
    const key = keyOf(credential);
    const agent = credential.store === undefined ? undefined : agents.get(credential.store)?.id;
    return {
      id: credential.id,
      fingerprint: credentialFingerprint(home, credential),
      ...ownerOf(credential),
      ...(agent !== undefined && { agent }),
      inFlight: inFlight.get(key)?.count ?? 0,
      windows: (windows.get(key) ?? []).map((entry) => windowView(entry, now)),
    };
  }

  return {
    home,
    now,
    view,
    observed: () => [...new Map([...health.inspect(), ...health.inFlight()].map((entry) => [keyOf(entry), entry])).values()].map(view),
  };
}

function windowView({ model, window }: HealthEntry, now: number): WindowView {
  const { until, reason, count } = window;
  return { model, state: windowState(window, now), reason, until, remainingMs: Math.max(0, until - now), count };
}

/** Agents may have accounts of one name. */
function keyOf({ id, store }: CredentialName): string {
  return store === undefined ? id : `${store}\n${id}`;
}

/** How a stored account is doing, in the words of `openclaw models status`. */
export function accountHealthView(health: ProfileHealth): AccountHealthView {
  const { status, access, refresh, isRefreshable, reasonCode, expiresAt, remainingMs, hint } = health;
  return {
    status,
    access,
    refresh,
    isRefreshable,
    ...(reasonCode !== undefined && { reasonCode }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(remainingMs !== undefined && { remainingMs }),
    ...(hint !== undefined && { hint }),
  };
}
