import type { Unit } from "./unit.ts";

/** Which credential each session has. */
export interface Sessions {
  get(provider: string, session: string): Unit | undefined;
  keep(provider: string, session: string, unit: Unit): void;
  /** At every provider. */
  forget(session: string): void;
}

/** So many sessions at least are remembered, and twice as many at most. Those that rested longest are forgotten first, and begin anew. */
const FEWEST_SESSIONS = 10_000;

/** In two halves, of which the older one is dropped whole: a map that is always emptied at its front gets slow. */
export function createSessions(): Sessions {
  let recent = new Map<string, Unit>();
  let older = new Map<string, Unit>();
  /** Those that a session was ever kept for. */
  const providers = new Set<string>();
  const keyOf = (provider: string, session: string) => `${provider}\n${session}`;

  return {
    get(provider, session) {
      const key = keyOf(provider, session);
      return recent.get(key) ?? older.get(key);
    },
    keep(provider, session, unit) {
      providers.add(provider);
      recent.set(keyOf(provider, session), unit);
      if (recent.size < FEWEST_SESSIONS) return;
      older = recent;
      recent = new Map();
    },
    forget(session) {
      for (const provider of providers) {
        const key = keyOf(provider, session);
        recent.delete(key);
        older.delete(key);
      }
    },
  };
}
