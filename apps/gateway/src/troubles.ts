import type { HomeSnapshot } from "@openclaw/home";
import type { GatewayEvent } from "./context.ts";
import { isOwnError } from "./errors.ts";

/** Something that is wrong. The code does not change between versions. */
export interface Trouble {
  readonly code: string;
  readonly what: string;
  /** What to type or change. Missing where nothing is to be done. */
  readonly fix?: string;
}

/** Knows what is wrong with a gateway that serves. */
export interface Troubles {
  observe(event: GatewayEvent): void;
  /** Those there are now. */
  now(): readonly Trouble[];
}

/** More of one kind say no more. */
const MOST_OF_A_KIND = 20;

/** Keeps what was told until it is told that it is over, and looks up the rest. */
export function createTroubles(home: () => HomeSnapshot): Troubles {
  const told = new Map<string, Trouble>();
  const accounts = new Map<string, Trouble>();

  function observe(event: GatewayEvent): void {
    switch (event.type) {
      case "reload-failed": {
        const what = `changed files were not taken over, what was there stays: ${event.message}`;
        told.set(event.type, { code: event.type, what, fix: event.hint ?? "openclaw secrets reload says what is to be mended" });
        return;
      }
      case "reload-recovered":
        told.delete("reload-failed");
        return;
      case "cooldowns-not-kept":
      case "sessions-not-kept":
        told.set(event.type, { code: event.type, what: event.message, ...(event.hint !== undefined && { fix: event.hint }) });
        return;
      case "cooldowns-kept":
        told.delete("cooldowns-not-kept");
        return;
      case "sessions-kept":
        told.delete("sessions-not-kept");
        return;
      case "secrets": {
        const { outcome, failures } = event.report;
        if (outcome === "swapped") told.delete("reload-failed");
        told.delete("secrets-kept");
        if (outcome === "kept") {
          const what = `references did not resolve, the last known good secrets stay: ${failures.map(({ path }) => path).join(", ")}`;
          told.set("secrets-kept", { code: "secrets-kept", what, fix: "openclaw secrets reload" });
        }
        return;
      }
      case "account-state": {
        const { profileId, provider, to, reason, fix } = event.event;
        accounts.delete(profileId);
        if (to !== "dead" && to !== "expiring") return;
        const what = `${profileId} of ${provider} ${to === "dead" ? "does not work" : "ends within a day"}${reason === undefined ? "" : ` (${reason})`}`;
        accounts.set(profileId, { code: `account-${to}`, what, ...(fix !== undefined && { fix }) });
        return;
      }
      case "accounts":
        for (const id of event.removed) accounts.delete(id);
        return;
      default:
    }
  }

  return {
    observe,
    now: () => [...told.values(), ...references(home()), ...stores(home()), ...[...accounts.values()].slice(0, MOST_OF_A_KIND)],
  };
}

/** Those that lead nowhere now. Their owners are off, or go on with a value of before. */
function references({ secrets, brokenReferences }: HomeSnapshot): readonly Trouble[] {
  const states = secrets.paths.flatMap((path): readonly Trouble[] => {
    const state = secrets.stateOf(path);
    if (state?.status !== "stale" && state?.status !== "cold") return [];
    const what = `${path} ${state.status === "cold" ? "has no value" : "has the value of before"}: ${state.error.message}`;
    return [{ code: `reference-${state.status}`, what, fix: `openclaw secrets explain ${path}` }];
  });
  const broken = brokenReferences.map(({ path, error }): Trouble => ({
    code: "reference-cold",
    what: `${path}: ${error.message}`,
    fix: `openclaw secrets explain ${path}`,
  }));
  return [...broken, ...states].slice(0, MOST_OF_A_KIND);
}

/** Each broken store once, though many agents read through to it. */
function stores({ agents }: HomeSnapshot): readonly Trouble[] {
  const found = new Map<string, Trouble>();
  for (const agent of agents.all) {
    try {
      agent.profiles();
    } catch (error) {
      if (!isOwnError(error)) throw error;
      found.set(error.message, { code: "store-unreadable", what: error.message, fix: error.hint ?? "openclaw models auth validate" });
    }
    if (found.size >= MOST_OF_A_KIND) break;
  }
  return [...found.values()];
}
