import type { HomeSnapshot } from "@openclaw/home";
import { adminCaller, type Caller } from "./caller.ts";
import { clientCaller } from "./client-caller.ts";
import { GatewayError } from "./errors.ts";
import { clientTokens, requireStrongToken, type GatewayToken } from "./gateway-token.ts";
import { digestOf } from "./token-digest.ts";

/** A token the gateway takes. */
interface KnownToken {
  readonly caller: Caller;
  /** Whether it could be found by trying; then trying has to be slow for whoever shows the right one too. */
  readonly isGuessable: boolean;
}

/** The tokens the gateway takes, and who shows them. */
export interface Callers {
  /** Who shows it; nobody where it is not valid. */
  find(token: string): KnownToken | undefined;
  /** Whether this caller's token is valid, by these callers' knowledge. */
  has(caller: Caller): boolean;
  /** Ids by name. */
  readonly ids: ReadonlyMap<string, string>;
}

export interface CallersOptions {
  readonly token: GatewayToken;
  readonly home: HomeSnapshot;
  readonly bind: "loopback" | "lan";
}

/**
 * Knows the gateway's own token and those of `gateway.clients`.
 *
 * @throws {GatewayError} `token-weak`, `token-unreadable`, `token-duplicate` or `client-invalid`.
 */
export function createCallers({ token, home, bind }: CallersOptions): Callers {
  const known = new Map<string, KnownToken>();
  const owners = new Map<string, string>();
  const ids = new Map<string, string>();

  function add(caller: Caller, { digest, weakness, origin }: GatewayToken): void {
    requireStrongToken({ weakness, origin }, bind);
    const owner = owners.get(digest);
    if (owner !== undefined) throw sameToken(owner, origin);
    owners.set(digest, origin);
    known.set(digest, { caller, isGuessable: weakness !== undefined });
    ids.set(caller.name, caller.id);
  }

  add(adminCaller(token.secret.fingerprint(home.salt)), token);
  const clients = home.config.gateway?.clients ?? {};
  for (const [name, own] of clientTokens(home)) {
    const rules = clients[name] ?? {};
    add(clientCaller({ name, fingerprint: own.secret.fingerprint(home.salt), rules, home }), own);
  }
  return { find: (shown) => known.get(digestOf(shown)), has: ({ name, id }) => ids.get(name) === id, ids };
}

/** Whose token came, went, or is another, by name. */
export interface CallerChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly replaced: readonly string[];
}

/** What is different between two readings; nothing where nobody's token is. */
export function changedCallers(before: Callers, after: Callers): CallerChanges | undefined {
  const added = [...after.ids.keys()].filter((name) => !before.ids.has(name));
  const removed = [...before.ids.keys()].filter((name) => !after.ids.has(name));
  const replaced = [...after.ids].flatMap(([name, id]) => (before.ids.has(name) && before.ids.get(name) !== id ? [name] : []));
  return added.length + removed.length + replaced.length > 0 ? { added, removed, replaced } : undefined;
}

/** Nobody could say who of the two it was: not what it may do, nor whose sessions are whose. */
function sameToken(one: string, other: string): GatewayError {
  return new GatewayError("token-duplicate", `${one} and ${other} hold the same token`, {
    hint: `give each its own: openssl rand -hex 24 makes one for ${other}`,
  });
}
